"""What photographs without depth still tell: pairs of pixels of which one is very likely nearer.

A thing hides what shows around its upper part; sky is behind everything; the ground comes nearer towards the
bottom of the picture.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.arrays import Mask, Rgb
from tools.training.depth.augment import Size, cropped, disturbed
from tools.training.packs import Pack

SOURCES = (("coco_train", 1), ("coco_person", 1), ("ecssd", 1), ("voc2012_aug", 3), ("labelmefacade", 1))
"""Pack, and how many of its photographs one is taken of."""

PAIRS = 500
AROUND = 0.12
"""Width of the band around a thing, in picture heights."""

LEAST_PIXELS = 20
VOID, SKY, GROUND = 255, 6, (4, 5)
"""Numbers in label maps; sky, pavement and road are those of the street photographs."""


@dataclass(frozen=True)
class Ordered:
    """A photograph with known orders.

    Attributes:
        rgb: uint8 [H, W, 3].
        nearer: int64 [PAIRS], flat index.
        farther: int64 [PAIRS].
        real: float32 [PAIRS], weight; 0 pads.
    """

    rgb: Rgb
    nearer: NDArray[np.int64]
    farther: NDArray[np.int64]
    real: NDArray[np.float32]


class Photographs:
    """All photographs with label maps.

    Args:
        folder: Of the packs.
    """

    def __init__(self, folder: Path) -> None:
        self._packs = [(Pack(folder / f"{name}.zip"), name) for name, _ in SOURCES]
        self._keys = [
            (number, key)
            for number, (_, every) in enumerate(SOURCES)
            for key in list(self._packs[number][0].index)[::every]
        ]

    def draw(self, rng: np.random.Generator, size: Size) -> Ordered:
        """A random photograph, cropped to a size; the pairs index its map at half that size."""
        number, key = self._keys[rng.integers(len(self._keys))]
        pack, name = self._packs[number]
        rgb, labels = cropped(pack.image(key), pack.labels(key), size, rng)
        small = cv2.resize(labels, (size[1] // 2, size[0] // 2), interpolation=cv2.INTER_NEAREST)
        found = _street(small, rng) if name == "labelmefacade" else _things(small, rng)
        return _padded(disturbed(rgb, rng), found)


Found = list[tuple[NDArray[np.int64], NDArray[np.int64]]]
"""Flat indices of nearer and of farther pixels."""


def _things(labels: NDArray[np.uint8], rng: np.random.Generator) -> Found:
    numbers = [number for number in np.unique(labels) if number not in (0, VOID)]
    each = PAIRS * 2 // 3 // max(1, len(numbers))
    found = [_match(labels == n, _band(labels, labels == n), each, rng) for n in numbers]
    lowest, highest = _ends(labels == 0)
    return [*found, _match(lowest, highest, PAIRS // 6, rng)]


def _band(labels: NDArray[np.uint8], thing: Mask) -> Mask:
    """Unlabelled pixels beside and above a thing, not below its upper three quarters."""
    reach = 2 * max(2, round(AROUND * len(labels))) + 1
    around = cv2.dilate(thing.astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0
    rows = np.flatnonzero(thing.any(1))
    around[rows[0] + (rows[-1] - rows[0]) * 3 // 4 :] = False
    return around & (labels == 0)


def _street(labels: NDArray[np.uint8], rng: np.random.Generator) -> Found:
    sky, ground = labels == SKY, np.isin(labels, GROUND)
    lowest, highest = _ends(ground)
    solid = (labels > 0) & ~sky
    return [
        _match(solid, sky, PAIRS // 3, rng),
        _match(lowest, highest, PAIRS // 3, rng),
        _match(lowest, solid & ~ground, PAIRS // 3, rng),
    ]


def _ends(mask: Mask) -> tuple[Mask, Mask]:
    """Its pixels in the lowest sixth of the picture and those in the upper half."""
    lowest, highest = mask.copy(), mask.copy()
    lowest[: len(mask) * 5 // 6] = False
    highest[len(mask) // 2 :] = False
    return lowest, highest


def _match(
    nearer: Mask, farther: Mask, count: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], ...]:
    ends = [np.flatnonzero(mask) for mask in (nearer, farther)]
    if min(map(len, ends)) < LEAST_PIXELS:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    return rng.choice(ends[0], count), rng.choice(ends[1], count)


def _padded(rgb: Rgb, found: Found) -> Ordered:
    nearer, farther = (np.concatenate(column)[:PAIRS] for column in zip(*found, strict=True))
    real = (np.arange(PAIRS) < len(nearer)).astype(np.float32)
    empty = (0, PAIRS - len(nearer))
    return Ordered(rgb, np.pad(nearer, empty), np.pad(farther, empty), real)
