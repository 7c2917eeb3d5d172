"""Adapters of the DepthEstimator port."""

from models.depth.embedded import EmbeddedDepth

__all__ = ["EmbeddedDepth"]
