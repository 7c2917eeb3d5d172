"""The embedded depth network."""
