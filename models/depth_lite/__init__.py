"""Embedded depth network."""
