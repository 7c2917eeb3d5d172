"""The embedded depth network: relative inverse depth from one photograph, on the CPU."""

import math

import cv2
import numpy as np

from domain.arrays import Floats, Rgb, check_rgb
from domain.depth import DepthMap
from domain.models import ModelInfo
from models.runtime.onnx import OnnxGraph

WORKING_AREA_PX = 192 * 256
"""Pixels the network sees, as many as it was trained on."""

STRIDE_PX = 32
MAX_SIDE_PX = 1024
"""A side is shrunk to no more than this, and to no less than STRIDE, whatever the aspect ratio."""


class DepthLiteEstimator:
    """DepthEstimator on one ONNX graph. Stateless: threads share it.

    Args:
        info: Name and hash.
        graph: Takes `rgb`, uint8 [H, W, 3] with sides that are multiples of 32, and answers float32
            [H / 2, W / 2], larger = nearer.
    """

    def __init__(self, info: ModelInfo, graph: OnnxGraph) -> None:
        self._info = info
        self._graph = graph

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
        height, width = check_rgb(rgb).shape[:2]
        inverse = self._graph.run({"rgb": resize_for_depth(rgb)})[0]
        return DepthMap(_upsample_depth(inverse, height, width), "relative")


def resize_for_depth(rgb: Rgb) -> Rgb:
    """The whole image at the network's size, uint8 [h, w, 3]: aspect ratio kept to the nearest stride."""
    height, width = rgb.shape[:2]
    scale = math.sqrt(WORKING_AREA_PX / (height * width))
    sides = [STRIDE_PX * round(side * scale / STRIDE_PX) for side in (height, width)]
    rows, columns = (min(max(side, STRIDE_PX), MAX_SIDE_PX) for side in sides)
    how = cv2.INTER_AREA if rows < height else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(rgb, (columns, rows), interpolation=how), np.uint8)


def _upsample_depth(inverse: Floats, height: int, width: int) -> Floats:
    return np.asarray(cv2.resize(inverse, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
