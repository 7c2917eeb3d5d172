"""Depth Anything V2 behind the port `DepthEstimator`, over any runtime."""

from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from domain.arrays import Floats, Rgb, check_rgb
from domain.depth import DepthMap
from domain.models import ModelInfo
from models.runtime.normalise import IMAGENET_MEAN, IMAGENET_STD, normalise
from models.runtime.onnx import OnnxGraph


def upsample_align_corners(values: Floats, height: int, width: int) -> Floats:
    """Resize float32 [h, w] to [height, width], bilinear, corner pixels on corner pixels.

    This equals `torch.nn.functional.interpolate(..., mode="bilinear", align_corners=True)`; OpenCV's resize
    aligns the edges of the pixels instead.
    """
    across = _interpolate_rows(np.ascontiguousarray(values.T), width)
    return _interpolate_rows(np.ascontiguousarray(across.T), height)


def _interpolate_rows(values: Floats, count: int) -> Floats:
    """Interpolate [n, m] to [count, m]; two arrays of the result's size exist at a time."""
    at = np.linspace(0, len(values) - 1, count)
    below = at.astype(np.int64)
    share = (at - below).astype(np.float32)[:, None]
    mixed, above = values[below], values[np.minimum(below + 1, len(values) - 1)]
    mixed *= 1 - share
    above *= share
    mixed += above
    return mixed


SHORTER_SIDE_PX = 518
"""Shorter side in pixels of the network's input, as in its training."""

MAX_LONGER_SIDE_PX = 2 * SHORTER_SIDE_PX
"""Longest side in pixels of the network's input: work and memory grow with its square.

The original code sets no limit. Here an image of more than 2 : 1 keeps its aspect ratio and loses resolution
instead.
"""

PATCH_SIZE_PX = 14

GRAPH_FILE = "depth.onnx"
"""Name of the graph in an exported directory."""


class DepthAnythingNetwork(Protocol):
    """Interface of the network to its runtimes. It is stateless, so threads can share it."""

    def inverse_depth(self, pixels: Floats) -> Floats:
        """Return the inverse depth float32 [h, w], not negative, of normalised pixels float32 [1, 3, h, w].

        Both sides are multiples of 14.
        """


class OnnxDepthAnything:
    """The interface `DepthAnythingNetwork` over an exported graph.

    Args:
        directory: Output of `export_depth_anything`, its hashes already checked.
        threads: Number of cores that one call may use.
    """

    def __init__(self, directory: Path, threads: int) -> None:
        self._graph = OnnxGraph(directory / GRAPH_FILE, threads)

    def inverse_depth(self, pixels: Floats) -> Floats:
        """Return the inverse depth as `DepthAnythingNetwork` documents."""
        inverse: Floats = self._graph.run({"pixels": pixels})[0]
        return inverse


class DepthAnythingEstimator:
    """The port `DepthEstimator` over Depth Anything V2. It is stateless, so threads can share it.

    Args:
        info: Name and digest of the model.
        network: Network in any runtime.
    """

    def __init__(self, info: ModelInfo, network: DepthAnythingNetwork) -> None:
        self._info = info
        self._network = network

    @property
    def info(self) -> ModelInfo:
        """Name and digest of the model."""
        return self._info

    def estimate(self, rgb: Rgb) -> DepthMap:
        """Return the relative inverse depth of each pixel.

        Args:
            rgb: Image uint8 [H, W, 3], upright.

        Raises:
            ValueError: `rgb` is not uint8 [H, W, 3].
        """
        inverse = self._network.inverse_depth(preprocess_for_depth_anything(rgb))
        return DepthMap(upsample_align_corners(inverse, rgb.shape[0], rgb.shape[1]), "relative")


def preprocess_for_depth_anything(rgb: Rgb) -> Floats:
    """Return normalised pixels float32 [1, 3, h, w] at the network's size.

    This is the original's transform: cubic, on floats, without clipping.

    Raises:
        ValueError: `rgb` is not uint8 [H, W, 3].
    """
    rows, columns = depth_input_size(*check_rgb(rgb).shape[:2])
    planes = [
        cv2.resize(rgb[..., channel].astype(np.float32), (columns, rows), interpolation=cv2.INTER_CUBIC)
        for channel in range(3)
    ]
    return normalise(np.stack(planes, axis=-1), IMAGENET_MEAN, IMAGENET_STD)[None]


def depth_input_size(height: int, width: int) -> tuple[int, int]:
    """Return the size [h, w] of the network's input: multiples of 14, aspect ratio nearly kept.

    The shorter side becomes SHORTER_SIDE_PX (the original's "lower_bound"), less where MAX_LONGER_SIDE_PX
    requires it.
    """
    scale = min(SHORTER_SIDE_PX / min(height, width), MAX_LONGER_SIDE_PX / max(height, width))
    rows, columns = (
        max(PATCH_SIZE_PX * round(side * scale / PATCH_SIZE_PX), PATCH_SIZE_PX) for side in (height, width)
    )
    return rows, columns
