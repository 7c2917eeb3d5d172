"""Varies a region: mirrors it, changes its light and its size, and makes its mask and box inexact."""

from dataclasses import replace

import cv2
import numpy as np

from domain.arrays import Mask, Rgb
from services.masks.formats import decode_rle
from tools.training.labeller.regions import Example, region_of

LEAST_AREA = 100
"""Smallest area in pixels of a mask that is varied."""

LEAST_SIDE = 64
"""Smallest side in pixels of an image that is made smaller."""


def varied(example: Example, rng: np.random.Generator) -> Example:
    """Return the example with random variations and the same label."""
    if example.kind == "scene":
        return _scene(example, rng)
    rgb, mask = example.rgb, decode_rle(example.region.rle)
    if rng.random() < 0.5:
        rgb, mask = np.ascontiguousarray(rgb[:, ::-1]), np.ascontiguousarray(mask[:, ::-1])
    rgb, mask = _shrunk(_relit(rgb, rng), mask, rng)
    if example.kind != "photo":
        mask = _deformed(mask, rng)
    region = region_of(mask, _box(mask, example.kind, rng))
    return replace(example, source=f"{example.source}+varied", rgb=rgb, region=region)


def _scene(example: Example, rng: np.random.Generator) -> Example:
    """Return a random part of the whole image, at least half of it."""
    height, width = example.rgb.shape[:2]
    share = rng.uniform(0.7, 1, 2)
    h, w = int(height * share[0]), int(width * share[1])
    y, x = rng.integers(0, height - h + 1), rng.integers(0, width - w + 1)
    step = -1 if rng.random() < 0.5 else 1
    rgb = _relit(np.ascontiguousarray(example.rgb[y : y + h, x : x + w][:, ::step]), rng)
    region = region_of(np.ones(rgb.shape[:2], np.bool_))
    return replace(example, source=f"{example.source}+varied", rgb=rgb, region=region)


def _relit(rgb: Rgb, rng: np.random.Generator) -> Rgb:
    """Return the image with another gain for each channel and another gamma."""
    gain, gamma = rng.uniform(0.92, 1.08, 3) * rng.uniform(0.85, 1.15), rng.uniform(0.8, 1.25)
    levels = np.arange(256)[:, None] / 255
    table = np.clip(gain * levels**gamma * 255, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(rgb, table[:, None, :]), np.uint8)


def _shrunk(rgb: Rgb, mask: Mask, rng: np.random.Generator) -> tuple[Rgb, Mask]:
    """Return image and mask, sometimes at down to half their size."""
    scale = rng.uniform(0.5, 1) if rng.random() < 0.4 else 1.0
    if scale * min(rgb.shape[:2]) < LEAST_SIDE:
        return rgb, mask
    small = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    inside = cv2.resize(mask.astype(np.uint8), small.shape[1::-1], interpolation=cv2.INTER_AREA)
    return (np.asarray(small, np.uint8), inside.astype(np.bool_)) if inside.any() else (rgb, mask)


def _deformed(mask: Mask, rng: np.random.Generator) -> Mask:
    """Return the mask with its outline moved by smooth noise, by up to about a tenth of its size."""
    sigma = max(1.0, rng.uniform(0.01, 0.06) * float(np.sqrt(mask.sum())))
    noise = cv2.resize(rng.normal(size=(8, 8)), mask.shape[::-1], interpolation=cv2.INTER_CUBIC)
    soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), sigma)
    moved: Mask = soft > 0.5 + 0.2 * noise.clip(-2, 2) + rng.uniform(-0.1, 0.1)
    return moved if moved.sum() >= LEAST_AREA else mask


def _box(mask: Mask, kind: str, rng: np.random.Generator) -> tuple[int, int, int, int]:
    """Return the tight box x, y, width, height with every side moved, more often outwards than inwards."""
    x, y, w, h = cv2.boundingRect(mask.astype(np.uint8))
    reach = (-0.2, 0.0) if kind == "photo" else (-0.08, 0.2)
    left, top, right, bottom = rng.uniform(*reach, 4) * (w, h, w, h)
    x0, y0 = max(0, int(x - left)), max(0, int(y - top))
    x1, y1 = min(mask.shape[1], int(x + w + right)), min(mask.shape[0], int(y + h + bottom))
    return x0, y0, max(1, x1 - x0), max(1, y1 - y0)
