"""How the embedded segmenter `contour` was made."""
