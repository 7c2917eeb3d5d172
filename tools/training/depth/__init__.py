"""Trains the embedded depth network."""
