"""Crops to pooled features and ConSE vectors: preprocessing, then the image trunk."""

from collections.abc import Sequence

import cv2
import numpy as np

from domain.arrays import Floats, Rgb, check_rgb
from models.runtime.onnx import OnnxGraph

COARSE = 160
"""Pixels a side of a coarse look; fewer cost as much."""


class ImageTrunk:
    """EfficientNet-Lite2 (Tan & Le 2019) with ConSE (Norouzi et al. 2013) over its ImageNet classes.

    Args:
        graph: `pixels` [N, 3, S, S] to `features` and `conse`; its metadata hold mean, std and the
            size S that it was trained with.
    """

    def __init__(self, graph: OnnxGraph) -> None:
        self._graph = graph
        self._size = int(graph.metadata["size"])
        self._mean = np.array(graph.metadata["mean"].split(), np.float32) * 255
        self._std = np.array(graph.metadata["std"].split(), np.float32) * 255

    def run(self, crops: Sequence[Rgb], coarse: bool = False) -> tuple[Floats, Floats]:
        """Features, float32 [N, 1280], and unit ConSE vectors, float32 [N, 384], of crops of any size.

        `coarse` reads them at COARSE pixels a side.

        Raises:
            ValueError: A crop is not uint8 [H, W, 3].
        """
        size = COARSE if coarse else self._size
        pixels = np.stack([self._pixels(crop, size) for crop in crops])
        features, conse = self._graph.run({"pixels": pixels})
        return features, conse

    def _pixels(self, crop: Rgb, size: int) -> Floats:
        """Normalised float32 [3, size, size]; the whole crop is kept, its aspect is not."""
        square = resize(check_rgb(crop), size)
        pixels: Floats = ((square - self._mean) / self._std).transpose(2, 0, 1)
        return pixels


def resize(rgb: Rgb, size: int) -> Rgb:
    """uint8 [size, size, 3], antialiased where it shrinks."""
    shrinks = max(rgb.shape[:2]) > size
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(rgb, (size, size), interpolation=interpolation), np.uint8)
