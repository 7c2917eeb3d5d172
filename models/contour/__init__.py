"""Segmenter `contour`: a contour network, a hierarchy of regions, prompts answered from the tree."""
