"""Runs the edge network at the working resolution."""

import math

import cv2
import numpy as np

from domain.types import Floats, Rgb
from models.runtimes.onnx import OnnxGraph

LONG_SIDE = 512
SHORT_SIDE = 16
"""A side is shrunk to no less than this, even where that changes the aspect ratio (16x4000 images)."""

STRIDE = 32


def working_image(rgb: Rgb) -> Rgb:
    """The image at the working resolution, uint8 [h, w, 3]: shrunk to LONG_SIDE, never enlarged."""
    height, width = rgb.shape[:2]
    scale = min(1.0, LONG_SIDE / max(height, width))
    sides = [max(round(side * scale), min(side, SHORT_SIDE)) for side in (height, width)]
    return _resized(rgb, *sides)


def edge_map(graph: OnnxGraph, rgb: Rgb) -> Floats:
    """Edge probability of each pixel, float32 [h, w].

    Args:
        graph: Takes `rgb`, uint8 [H, W, 3] with sides that are multiples of 32, and answers float32 [H, W].
        rgb: At the working resolution, uint8 [h, w, 3].
    """
    height, width = rgb.shape[:2]
    padded = [STRIDE * math.ceil(side / STRIDE) for side in (height, width)]
    edges = graph.run({"rgb": _resized(rgb, *padded)})[0]
    return np.clip(cv2.resize(edges, (width, height), interpolation=cv2.INTER_LINEAR), 0.0, 1.0)


def _resized(rgb: Rgb, height: int, width: int) -> Rgb:
    if rgb.shape[:2] == (height, width):
        return np.ascontiguousarray(rgb)
    shrinks = height * width < rgb.shape[0] * rgb.shape[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(rgb, (width, height), interpolation=how), np.uint8)
