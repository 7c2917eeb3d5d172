"""Crops, mirrors and disturbs training pictures."""

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.arrays import Rgb

Size = tuple[int, int]
"""Height and width in pixels."""

SMALLEST_CROP = 0.55


def cropped(
    rgb: Rgb, values: NDArray[np.generic], size: Size, rng: np.random.Generator
) -> tuple[Rgb, NDArray[np.generic]]:
    """A random window of a picture and of the map that belongs to it, maybe mirrored, at a size."""
    height, width = rgb.shape[:2]
    scale = min(height / size[0], width / size[1]) * rng.uniform(SMALLEST_CROP, 1.0)
    h, w = (min(side, max(8, round(scale * want))) for side, want in zip((height, width), size, strict=True))
    y, x = rng.integers(height - h + 1), rng.integers(width - w + 1)
    step = int(rng.choice([-1, 1]))
    window, map_window = (array[y : y + h, x : x + w][:, ::step] for array in (rgb, values))
    shrinks = cv2.INTER_AREA if h > size[0] else cv2.INTER_LINEAR
    picture = cv2.resize(np.ascontiguousarray(window), size[::-1], interpolation=shrinks)
    resized = cv2.resize(np.ascontiguousarray(map_window), size[::-1], interpolation=cv2.INTER_NEAREST)
    return np.asarray(picture, np.uint8), resized


def disturbed(rgb: Rgb, rng: np.random.Generator) -> Rgb:
    """Other exposure, contrast and colour; maybe blur, noise and JPEG."""
    pixels = rgb.astype(np.float32) / 255
    pixels = pixels ** rng.uniform(0.7, 1.4) * rng.uniform(0.75, 1.25) * rng.uniform(0.9, 1.1, 3)
    grey = pixels.mean(2, keepdims=True)
    pixels = grey + (pixels - grey) * (0 if rng.random() < 0.05 else rng.uniform(0.5, 1.3))
    if rng.random() < 0.4:
        pixels = cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.4, 1.5))
    if rng.random() < 0.5:
        pixels = pixels + rng.normal(0, rng.uniform(0.005, 0.05), pixels.shape)
    disturbed = np.clip(pixels * 255, 0, 255).astype(np.uint8)
    return _compressed(disturbed, int(rng.integers(30, 95))) if rng.random() < 0.3 else disturbed


def _compressed(rgb: Rgb, quality: int) -> Rgb:
    _, coded = cv2.imencode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
