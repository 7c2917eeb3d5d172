"""Adapters behind the Segmenter port."""
