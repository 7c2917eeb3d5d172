"""Frozen, shape-checked value objects. Coordinates: pixels of the upright image, origin top left."""
