"""Adapters behind the DualEncoder port."""
