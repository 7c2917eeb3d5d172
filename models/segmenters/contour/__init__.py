"""Segmenter `contour`: a contour network, a hierarchy of regions, prompts answered from the tree."""

from models.segmenters.contour.segmenter import ContourSegmenter

__all__ = ["ContourSegmenter"]
