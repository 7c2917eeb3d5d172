"""Crops, mirrors and distorts training images."""

from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.arrays import Rgb

Size = tuple[int, int]
"""Height and width in pixels."""

SMALLEST_CROP = 0.55
"""Smallest side of a crop, as a share of the largest crop of that aspect ratio."""

T = TypeVar("T", bound=np.integer[Any] | np.floating[Any])


def cropped(rgb: Rgb, values: NDArray[T], size: Size, rng: np.random.Generator) -> tuple[Rgb, NDArray[T]]:
    """Return a random window of an image and of its map, possibly mirrored, both resized to a size.

    Args:
        rgb: uint8 [H, W, 3].
        values: [H, W], of any type of number; it is resized without interpolation.
        size: Height and width of both results.
        rng: Draws the window.
    """
    height, width = rgb.shape[:2]
    scale = min(height / size[0], width / size[1]) * rng.uniform(SMALLEST_CROP, 1.0)
    h, w = (min(side, max(8, round(scale * want))) for side, want in zip((height, width), size, strict=True))
    y, x = rng.integers(height - h + 1), rng.integers(width - w + 1)
    step = int(rng.choice([-1, 1]))
    window = np.ascontiguousarray(rgb[y : y + h, x : x + w][:, ::step])
    map_window = np.ascontiguousarray(values[y : y + h, x : x + w][:, ::step])
    smoothing = cv2.INTER_AREA if h > size[0] else cv2.INTER_LINEAR
    image = cv2.resize(window, size[::-1], interpolation=smoothing)
    resized = cv2.resize(map_window, size[::-1], interpolation=cv2.INTER_NEAREST)
    return np.asarray(image, np.uint8), np.asarray(resized, values.dtype)


def distorted(rgb: Rgb, rng: np.random.Generator) -> Rgb:
    """Return the image with another exposure and colour, sometimes with blur, noise and JPEG artefacts."""
    pixels = rgb.astype(np.float32) / 255
    pixels = pixels ** rng.uniform(0.7, 1.4) * rng.uniform(0.75, 1.25) * rng.uniform(0.9, 1.1, 3)
    grey = pixels.mean(2, keepdims=True)
    pixels = grey + (pixels - grey) * (0 if rng.random() < 0.05 else rng.uniform(0.5, 1.3))
    if rng.random() < 0.4:
        pixels = cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.4, 1.5))
    if rng.random() < 0.5:
        pixels = pixels + rng.normal(0, rng.uniform(0.005, 0.05), pixels.shape)
    image = np.clip(pixels * 255, 0, 255).astype(np.uint8)
    return _compressed(image, int(rng.integers(30, 95))) if rng.random() < 0.3 else image


def _compressed(rgb: Rgb, quality: int) -> Rgb:
    _, encoded = cv2.imencode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)
