"""Runs the contour network at the working resolution."""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from domain.arrays import Floats, Rgb
from models.runtime.onnx import OnnxGraph

LONG_SIDE_PX = 512
MIN_SIDE_PX = 16
"""A side is shrunk to no less than this, even where that changes the aspect ratio (16x4000 images)."""

STRIDE_PX = 32


@dataclass(frozen=True)
class ContourMaps:
    """What the network sees in an image of h x w pixels.

    Attributes:
        edges: float32 [h, w], probability of an edge.
        outlines: float32 [h, w], probability of the outline of a whole object.
        regions: float32 [rows, columns, C], coarse: probabilities of groups of classes, background first,
            then a vector that is near that of other pixels of the same object.
    """

    edges: Floats
    outlines: Floats
    regions: Floats


def resize_for_contours(rgb: Rgb) -> Rgb:
    """The image at the working resolution, uint8 [h, w, 3]: shrunk to LONG_SIDE, never enlarged."""
    height, width = rgb.shape[:2]
    scale = min(1.0, LONG_SIDE_PX / max(height, width))
    sides = [max(round(side * scale), min(side, MIN_SIDE_PX)) for side in (height, width)]
    return _resize_image(rgb, *sides)


def predict_contours(graph: OnnxGraph, rgb: Rgb) -> ContourMaps:
    """What the network sees.

    Args:
        graph: Takes `rgb`, uint8 [H, W, 3] with sides that are multiples of 32, and answers edges and
            outlines, float32 [H, W], and regions, float32 [H / 8, W / 8, C].
        rgb: At the working resolution, uint8 [h, w, 3].
    """
    height, width = rgb.shape[:2]
    padded = [STRIDE_PX * math.ceil(side / STRIDE_PX) for side in (height, width)]
    edges, outlines, regions = graph.run({"rgb": _resize_image(rgb, *padded)})
    return ContourMaps(
        _resize_probability(edges, height, width), _resize_probability(outlines, height, width), regions
    )


def edge_map(graph: OnnxGraph, rgb: Rgb) -> Floats:
    """The edges alone, float32 [h, w]; arguments as of `predict_contours`."""
    return predict_contours(graph, rgb).edges


def _resize_probability(probability: Floats, height: int, width: int) -> Floats:
    return np.clip(cv2.resize(probability, (width, height), interpolation=cv2.INTER_LINEAR), 0.0, 1.0)


def _resize_image(rgb: Rgb, height: int, width: int) -> Rgb:
    if rgb.shape[:2] == (height, width):
        return np.ascontiguousarray(rgb)
    shrinks = height * width < rgb.shape[0] * rgb.shape[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(rgb, (width, height), interpolation=how), np.uint8)
