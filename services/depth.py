"""Depth maps as files: 16-bit grey, colours, raw numbers."""

import io
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.arrays import Rgb
from domain.depth import DepthMap
from domain.models import ModelInfo
from domain.ports.models import DepthEstimator, ModelProvider
from domain.ports.stores import Cache
from services.images.photo import Photo
from services.progress import Progress

GREY16_MAX = 65_535

FAST_PNG_OPTIONS = (cv2.IMWRITE_PNG_COMPRESSION, 1)
"""Depth is smooth: more effort makes it hardly smaller."""


def depth_grey_png(depth: DepthMap) -> bytes:
    """A 16-bit PNG: value = min + (max - min) * pixel / 65535."""
    return _png(np.rint(_normalized(depth) * GREY16_MAX).astype(np.uint16))


def depth_color_png(depth: DepthMap) -> bytes:
    """An 8-bit PNG in the perceptually uniform map Viridis, near things bright."""
    return _png(cv2.cvtColor(depth_colors(depth), cv2.COLOR_RGB2BGR))


def depth_colors(depth: DepthMap) -> Rgb:
    """uint8 [H, W, 3] in Viridis, near things bright."""
    normalized = _normalized(depth)
    near = 1.0 - normalized if depth.kind == "metric" else normalized
    painted = cv2.applyColorMap(np.rint(near * 255).astype(np.uint8), cv2.COLORMAP_VIRIDIS)
    return np.asarray(cv2.cvtColor(painted, cv2.COLOR_BGR2RGB), np.uint8)


def depth_npy(depth: DepthMap) -> bytes:
    """The file format of numpy, float32 [H, W]."""
    buffer = io.BytesIO()
    np.save(buffer, depth.values)
    return buffer.getvalue()


def _normalized(depth: DepthMap) -> NDArray[np.float32]:
    """Values from 0 at the least to 1 at the largest; 0 where all are the same."""
    low, high = float(depth.values.min()), float(depth.values.max())
    normalized: NDArray[np.float32] = (depth.values - np.float32(low)) / np.float32((high - low) or 1.0)
    return normalized


def _png(pixels: NDArray[Any]) -> bytes:
    return bytes(cv2.imencode(".png", pixels, FAST_PNG_OPTIONS)[1])


@dataclass(frozen=True)
class DepthResult:
    """The answer, before it is put into JSON.

    Attributes:
        depth: Of each pixel of the upright photograph.
        estimator: Which model estimated it.
    """

    depth: DepthMap
    estimator: ModelInfo


class DepthService:
    """Estimates depth. Holds no request state: many threads share it.

    Args:
        estimator: Looks at photographs.
        maps: Keeps depth maps.
    """

    def __init__(self, estimator: ModelProvider[DepthEstimator], maps: Cache) -> None:
        self._estimator = estimator
        self._maps = maps

    def estimate(self, photo: Photo, progress: Progress) -> DepthResult:
        """The depth of a photograph.

        Raises:
            ModelUnavailable: There is no estimator.
        """
        estimator = self._estimator.get()

        def estimate() -> DepthMap:
            with progress.stage("depth"):
                depth = estimator.estimate(photo.rgb(progress))
            progress.step("depth", 1, 1, "depth estimated")
            return depth

        key = (photo.key, estimator.info.sha256)
        return DepthResult(self._maps.get_or_compute(key, estimate, progress.check), estimator.info)
