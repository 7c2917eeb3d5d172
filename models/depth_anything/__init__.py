"""Depth Anything V2 in torch, under the names of the published checkpoints."""
