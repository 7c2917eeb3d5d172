"""Brings a map from the network's size to the photograph's."""

from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from domain.arrays import Floats, Rgb, check_rgb
from domain.depth import DepthMap
from domain.models import ModelInfo
from models.runtime.onnx import OnnxGraph


def upsample_align_corners(values: Floats, height: int, width: int) -> Floats:
    """float32 [h, w] as [height, width], bilinear, corner pixels on corner pixels.

    As `torch.nn.functional.interpolate(..., mode="bilinear", align_corners=True)`; OpenCV's resize puts the
    edges of the pixels on each other instead.
    """
    across = _interpolate_rows(np.ascontiguousarray(values.T), width)
    return _interpolate_rows(np.ascontiguousarray(across.T), height)


def _interpolate_rows(values: Floats, count: int) -> Floats:
    """[n, m] as [count, m]; two arrays of the result's size at a time."""
    at = np.linspace(0, len(values) - 1, count)
    below = at.astype(np.int64)
    share = (at - below).astype(np.float32)[:, None]
    mixed, above = values[below], values[np.minimum(below + 1, len(values) - 1)]
    mixed *= 1 - share
    above *= share
    mixed += above
    return mixed


SHORTER_SIDE_PX = 518
"""Pixels of the network's shorter side: what it was trained on."""

MAX_LONGER_SIDE_PX = 2 * SHORTER_SIDE_PX
"""The longer side is no more than this: work and memory grow with its square in the end.

The original code sets no limit. Here a photograph of more than 2 : 1 keeps its aspect ratio and gives up
resolution instead.
"""

PATCH_SIZE_PX = 14

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

GRAPH_FILE = "depth.onnx"
"""Name of the graph in an exported directory."""


class DepthAnythingNetwork(Protocol):
    """What the adapter needs of a runtime. Stateless between calls, shared by threads."""

    def inverse_depth(self, pixels: Floats) -> Floats:
        """Relative inverse depth float32 [h, w], not negative, of normalised pixels float32 [1, 3, h, w].

        Both sides are multiples of 14.
        """


class OnnxDepthAnything:
    """DepthAnythingNetwork over an exported graph.

    Args:
        directory: What `export_depth_anything` wrote, its hashes already checked.
        threads: Cores one call may use.
    """

    def __init__(self, directory: Path, threads: int) -> None:
        self._graph = OnnxGraph(directory / GRAPH_FILE, threads)

    def inverse_depth(self, pixels: Floats) -> Floats:
        """As DepthAnythingNetwork says."""
        inverse: Floats = self._graph.run({"pixels": pixels})[0]
        return inverse


class DepthAnythingEstimator:
    """DepthEstimator on Depth Anything V2 (Yang et al. 2024). Stateless: threads share it.

    Args:
        info: Name and hash.
        network: In whichever runtime.
    """

    def __init__(self, info: ModelInfo, network: DepthAnythingNetwork) -> None:
        self._info = info
        self._network = network

    @property
    def info(self) -> ModelInfo:
        """Name and hash."""
        return self._info

    def estimate(self, rgb: Rgb) -> DepthMap:
        """Relative inverse depth of each pixel.

        Args:
            rgb: uint8 [H, W, 3], upright.

        Raises:
            ValueError: Not uint8 [H, W, 3].
        """
        inverse = self._network.inverse_depth(preprocess_for_depth_anything(rgb))
        return DepthMap(upsample_align_corners(inverse, rgb.shape[0], rgb.shape[1]), "relative")


def preprocess_for_depth_anything(rgb: Rgb) -> Floats:
    """Normalised float32 [1, 3, h, w] at the network's size.

    The original's transform: cubic, on floats, nothing clipped. One channel is float at a time.

    Raises:
        ValueError: Not uint8 [H, W, 3].
    """
    rows, columns = depth_input_size(*check_rgb(rgb).shape[:2])
    pixels = np.empty((1, 3, rows, columns), np.float32)
    for channel, (mean, std) in enumerate(zip(IMAGENET_MEAN, IMAGENET_STD, strict=True)):
        plane = rgb[..., channel].astype(np.float32)
        resized = cv2.resize(plane, (columns, rows), interpolation=cv2.INTER_CUBIC)
        pixels[0, channel] = (resized / 255 - mean) / std
    return pixels


def depth_input_size(height: int, width: int) -> tuple[int, int]:
    """The size [h, w] at which the network sees a photograph: multiples of 14, aspect ratio nearly kept.

    The shorter side becomes SHORTER (the original's "lower_bound"), less where LONGEST asks for it.
    """
    scale = min(SHORTER_SIDE_PX / min(height, width), MAX_LONGER_SIDE_PX / max(height, width))
    rows, columns = (
        max(PATCH_SIZE_PX * round(side * scale / PATCH_SIZE_PX), PATCH_SIZE_PX) for side in (height, width)
    )
    return rows, columns
