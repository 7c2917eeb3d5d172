"""Depth Anything V2 (Yang et al. 2024, arXiv 2406.09414) behind the port `DepthEstimator`."""
