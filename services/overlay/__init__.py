"""The overlay: regions and their labels, drawn on the image."""
