"""Segmenter `contour`: a contour network and a hierarchy of regions, from which prompts are answered."""
