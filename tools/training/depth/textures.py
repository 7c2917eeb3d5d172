"""Draws textures and reliefs."""

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats, Rgb

TEXTURE = 400
"""Least number of pixels of the longer side of a texture."""


def covered(texture: Rgb) -> NDArray[np.uint8]:
    """Return the texture with full coverage as a fourth channel, uint8 [h, w, 4]."""
    return np.dstack([texture, np.full(texture.shape[:2], 255, np.uint8)])


def smooth_noise(rng: np.random.Generator) -> Floats:
    """Return a relief of soft bumps and folds, float32 [256, 256] in 0..1."""
    rows, columns = rng.integers(2, 9, 2)
    coarse = rng.random((rows, columns), np.float32)
    fine = cv2.resize(coarse, (256, 256), interpolation=cv2.INTER_CUBIC)
    return np.asarray((fine - fine.min()) / (np.ptp(fine) + 1e-6), np.float32)


def patch(image: Rgb, rng: np.random.Generator) -> Rgb:
    """Return a small square of an image."""
    size = int(rng.integers(24, 96))
    y, x = (int(rng.integers(0, max(1, side - size))) for side in image.shape[:2])
    return image[y : y + size, x : x + size]


def plain(rng: np.random.Generator) -> Rgb:
    """Return one colour with grain and soft blotches, uint8 [256, 256, 3]."""
    grain = rng.normal(0, rng.uniform(0, 12), (256, 256, 1))
    blotches = 50 * rng.random() * (smooth_noise(rng)[:, :, None] - 0.5)
    return np.clip(_colours(rng, 1) + grain + blotches, 0, 255).astype(np.uint8)


def _colours(rng: np.random.Generator, count: int) -> Floats:
    """Return colours [count, 3] of random saturation."""
    grey = rng.uniform(40, 250, (count, 1))
    return np.asarray(grey + rng.uniform(0, 0.8) * (rng.uniform(20, 250, (count, 3)) - grey), np.float32)


def enlarged(texture: Rgb) -> Rgb:
    """Return the texture with at least TEXTURE pixels on its longer side, so that no pixels show close up."""
    scale = max(1.0, TEXTURE / max(texture.shape[:2]))
    return np.asarray(cv2.resize(texture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)


def striped(rng: np.random.Generator) -> Rgb:
    """Return upright or level stripes of few colours, uint8 [256, 256, 3]."""
    colours = _colours(rng, int(rng.integers(2, 6)))
    stripes = colours[rng.integers(len(colours), size=int(rng.integers(4, 40)))]
    narrow = stripes[:, None].repeat(4, 1).astype(np.uint8)
    texture = np.asarray(cv2.resize(narrow, (256, 256), interpolation=cv2.INTER_NEAREST), np.uint8)
    return np.ascontiguousarray(texture.swapaxes(0, 1)) if rng.random() < 0.5 else texture
