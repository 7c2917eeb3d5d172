"""BLIP behind the port `Captioner`."""
