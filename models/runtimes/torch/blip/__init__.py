"""BLIP in torch, over the implementation of transformers."""
