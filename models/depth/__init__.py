"""Adapters of the DepthEstimator port."""
