"""Edge targets from several annotators, and augmented crops of them."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.types import Floats, Rgb
from training.contour.network import MEAN, STD
from training.packs import LabelMap

CROP = 320
SCALES = (0.75, 1.4)


@dataclass(frozen=True)
class Example:
    """An image and its edges.

    Attributes:
        rgb: uint8 [H, W, 3].
        edges: float32 [H, W], share of the annotators who drew a border there.
    """

    rgb: Rgb
    edges: Floats


def edges_of(maps: list[LabelMap]) -> Floats:
    """Share of the region maps whose label changes to the right or below, float32 [H, W]."""
    drawn = np.zeros((len(maps), *maps[0].shape), np.bool_)
    for edge, labels in zip(drawn, maps, strict=True):
        edge[:, :-1] |= labels[:, :-1] != labels[:, 1:]
        edge[:-1] |= labels[:-1] != labels[1:]
    return np.asarray(drawn.mean(axis=0), np.float32)


def augmented(example: Example, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """A random crop: normalised pixels float32 [3, CROP, CROP] and edges float32 [1, CROP, CROP]."""
    pixels, edges = _cropped(*_scaled(example, rng.uniform(*SCALES)), rng)
    pixels = np.clip((pixels - 0.5) * rng.uniform(0.75, 1.25) + 0.5 + rng.uniform(-0.1, 0.1), 0.0, 1.0)
    pixels = (pixels - np.array(MEAN)) / np.array(STD)
    both = np.dstack([_padded(pixels), _padded(edges[:, :, None])]).astype(np.float32)
    if rng.random() < 0.5:
        both = both[:, ::-1]
    both = np.ascontiguousarray(np.rot90(both, int(rng.integers(4))).transpose(2, 0, 1))
    return both[:3], both[3:]


def _scaled(example: Example, scale: float) -> tuple[Floats, Floats]:
    rgb = cv2.resize(example.rgb, None, fx=scale, fy=scale)
    edges = cv2.resize(example.edges, (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(rgb / np.float32(255), np.float32), np.asarray(edges, np.float32)


def _cropped(pixels: Floats, edges: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    top, left = (int(rng.integers(max(0, side - CROP) + 1)) for side in edges.shape)
    window = (slice(top, top + CROP), slice(left, left + CROP))
    return pixels[window], edges[window]


def _padded(array: NDArray[Any]) -> NDArray[Any]:
    """[CROP, CROP, C] with zeros below and to the right."""
    return np.pad(array, ((0, CROP - array.shape[0]), (0, CROP - array.shape[1]), (0, 0)))
