"""Adapters of the DepthEstimator port."""

from models.depth.depth_anything import DepthAnythingEstimator, OnnxDepthAnything
from models.depth.embedded import EmbeddedDepth

__all__ = ["DepthAnythingEstimator", "EmbeddedDepth", "OnnxDepthAnything"]
