"""Trains the embedded segmenter `contour`."""
