"""Estimates the depth of an image, and writes depth maps as files: 16-bit grey, colours, or a numpy array."""

import io
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.arrays import Rgb
from domain.depth import DepthMap
from domain.models import ModelInfo
from domain.ports.models import DepthEstimator, ModelProvider
from domain.ports.stores import Cache
from services.images.photo import Photo
from services.images.png import encode_smooth_png
from services.progress import Progress

GREY16_MAX = 65_535


@dataclass(frozen=True)
class DepthResult:
    """Result of one estimate, before it is put into JSON.

    Attributes:
        depth: Depth of each pixel of the upright image.
        estimator: The model that estimated it.
    """

    depth: DepthMap
    estimator: ModelInfo


class DepthService:
    """Estimates depth. It holds no request state, so many threads share it.

    Args:
        estimator: Provides the depth estimator.
        maps: Cache of depth maps.
    """

    def __init__(self, estimator: ModelProvider[DepthEstimator], maps: Cache) -> None:
        self._estimator = estimator
        self._maps = maps

    def estimate(self, photo: Photo, progress: Progress) -> DepthResult:
        """Estimate the depth of an image, or return its cached depth map.

        Raises:
            ModelUnavailable: The depth estimator is not available.
        """
        estimator = self._estimator.get()

        def estimate() -> DepthMap:
            with progress.stage("depth"):
                depth = estimator.estimate(photo.rgb(progress))
            progress.step("depth", 1, 1, "depth estimated")
            return depth

        key = (photo.key, estimator.info.sha256)
        return DepthResult(self._maps.get_or_compute(key, estimate, progress.check), estimator.info)


def depth_grey_png(depth: DepthMap) -> bytes:
    """Encode the map as a 16-bit grey PNG, where depth = min + (max - min) * pixel / 65535."""
    return encode_smooth_png(np.rint(_normalized(depth) * GREY16_MAX).astype(np.uint16))


def depth_color_png(depth: DepthMap) -> bytes:
    """Encode the map as an 8-bit PNG in the perceptually uniform colour map Viridis; near is bright."""
    return encode_smooth_png(depth_colors(depth))


def depth_colors(depth: DepthMap) -> Rgb:
    """Return the map in the colours of Viridis, uint8 [H, W, 3]; near is bright."""
    normalized = _normalized(depth)
    near = 1.0 - normalized if depth.kind == "metric" else normalized
    painted = cv2.applyColorMap(np.rint(near * 255).astype(np.uint8), cv2.COLORMAP_VIRIDIS)
    return np.asarray(cv2.cvtColor(painted, cv2.COLOR_BGR2RGB), np.uint8)


def depth_npy(depth: DepthMap) -> bytes:
    """Encode the values float32 [H, W] in numpy's file format."""
    buffer = io.BytesIO()
    np.save(buffer, depth.values)
    return buffer.getvalue()


def _normalized(depth: DepthMap) -> NDArray[np.float32]:
    """Return the values scaled linearly to 0 (smallest) .. 1 (largest), or 0 where all are equal."""
    low, high = float(depth.values.min()), float(depth.values.max())
    normalized: NDArray[np.float32] = (depth.values - np.float32(low)) / np.float32((high - low) or 1.0)
    return normalized
