"""Embedded depth network: relative inverse depth from one image, on the CPU."""

import math

import cv2
import numpy as np

from domain.arrays import Floats, Rgb, check_rgb
from domain.depth import DepthMap
from domain.models import ModelInfo
from models.runtime.onnx import OnnxGraph

WORKING_AREA_PX = 192 * 256
"""Number of pixels of the network's input, as in its training."""

STRIDE_PX = 32
MAX_SIDE_PX = 1024
"""Longest side in pixels of the input; the shortest one is STRIDE_PX, whatever the aspect ratio."""


class DepthLiteEstimator:
    """The port `DepthEstimator` over one ONNX graph. It is stateless, so threads can share it.

    Args:
        info: Name and digest of the model.
        graph: Graph from `rgb`, uint8 [H, W, 3] with sides that are multiples of 32, to float32 [H / 2, W /
            2], larger is nearer.
    """

    def __init__(self, info: ModelInfo, graph: OnnxGraph) -> None:
        self._info = info
        self._graph = graph

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
        height, width = check_rgb(rgb).shape[:2]
        inverse = self._graph.run({"rgb": resize_for_depth(rgb)})[0]
        return DepthMap(_upsample_depth(inverse, height, width), "relative")


def resize_for_depth(rgb: Rgb) -> Rgb:
    """Return the whole image at the network's size, uint8 [h, w, 3].

    The aspect ratio is kept up to the nearest multiple of the stride.
    """
    height, width = rgb.shape[:2]
    scale = math.sqrt(WORKING_AREA_PX / (height * width))
    sides = [STRIDE_PX * round(side * scale / STRIDE_PX) for side in (height, width)]
    rows, columns = (min(max(side, STRIDE_PX), MAX_SIDE_PX) for side in sides)
    how = cv2.INTER_AREA if rows < height else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(rgb, (columns, rows), interpolation=how), np.uint8)


def _upsample_depth(inverse: Floats, height: int, width: int) -> Floats:
    return np.asarray(cv2.resize(inverse, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
