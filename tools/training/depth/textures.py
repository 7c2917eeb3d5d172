"""Draws textures: plain ones with grain, stripes, pieces of photographs, soft bumps."""

import cv2
import numpy as np

from domain.arrays import Floats, Rgb

TEXTURE = 400
"""Pixels on the long side of a texture, at least."""


def covered(texture: Rgb) -> Rgb:
    """A texture without holes, [h, w, 4]."""
    return np.dstack([texture, np.full(texture.shape[:2], 255, np.uint8)])


def smooth_noise(rng: np.random.Generator) -> Floats:
    """Soft bumps and folds, float32 [256, 256] in 0..1."""
    shape = rng.integers(2, 9, 2)
    coarse = rng.random(tuple(shape), np.float32)
    fine = cv2.resize(coarse, (256, 256), interpolation=cv2.INTER_CUBIC)
    return np.asarray((fine - fine.min()) / (np.ptp(fine) + 1e-6), np.float32)


def patch(image: Rgb, rng: np.random.Generator) -> Rgb:
    """A small square of a photograph."""
    size = int(rng.integers(24, 96))
    y, x = (int(rng.integers(0, max(1, side - size))) for side in image.shape[:2])
    return image[y : y + size, x : x + size]


def plain(rng: np.random.Generator) -> Rgb:
    """One colour with grain and soft blotches."""
    grain = rng.normal(0, rng.uniform(0, 12), (256, 256, 1))
    blotches = 50 * rng.random() * (smooth_noise(rng)[:, :, None] - 0.5)
    return np.clip(_colours(rng, 1) + grain + blotches, 0, 255).astype(np.uint8)


def _colours(rng: np.random.Generator, count: int) -> Floats:
    """Colours [count, 3] of random saturation."""
    grey = rng.uniform(40, 250, (count, 1))
    return np.asarray(grey + rng.uniform(0, 0.8) * (rng.uniform(20, 250, (count, 3)) - grey), np.float32)


def enlarged(texture: Rgb) -> Rgb:
    """At least TEXTURE pixels on its long side, so that it blurs close up instead of showing its pixels."""
    scale = max(1.0, TEXTURE / max(texture.shape[:2]))
    return np.asarray(cv2.resize(texture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)


def striped(rng: np.random.Generator) -> Rgb:
    """Stripes of few colours, upright or level."""
    colours = _colours(rng, int(rng.integers(2, 6)))
    stripes = colours[rng.integers(len(colours), size=int(rng.integers(4, 40)))]
    texture = cv2.resize(
        stripes[:, None].repeat(4, 1).astype(np.uint8), (256, 256), interpolation=cv2.INTER_NEAREST
    )
    return np.ascontiguousarray(texture.swapaxes(0, 1)) if rng.random() < 0.5 else texture
