"""Draws pairs of pixels with a likely order of depth from images with label maps but without depth.

A thing is nearer than the background around its upper part, the sky is behind everything, and the ground is
nearer towards the bottom of the image.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.arrays import Mask, Rgb
from tools.training.depth.augment import Size, cropped, distorted
from tools.training.packs import LabelMap, Pack

SOURCES = (("coco_train", 1), ("coco_person", 1), ("ecssd", 1), ("voc2012_aug", 3), ("labelmefacade", 1))
"""Names of packs, and n where every n-th image of the pack is used."""

STREETS = "labelmefacade"
"""Name of the pack whose label maps have sky and ground."""

PAIRS = 500
"""Number of pairs of an image."""

BAND = 0.12
"""Width of the band around a thing, in image heights."""

LEAST_PIXELS = 20
"""Least number of pixels on either side of the order, without which no pairs are drawn."""

VOID, SKY, GROUND = 255, 6, (4, 5)
"""Numbers in label maps; those of sky, pavement and road are of STREETS."""


@dataclass(frozen=True)
class Ordered:
    """An image and pairs of pixels with a known order.

    Attributes:
        rgb: uint8 [H, W, 3].
        nearer: int64 [PAIRS], indices into the flattened map of half the size.
        farther: int64 [PAIRS], likewise, of pixels that are farther away.
        weight: float32 [PAIRS], 1 for a pair and 0 for padding.
    """

    rgb: Rgb
    nearer: NDArray[np.int64]
    farther: NDArray[np.int64]
    weight: NDArray[np.float32]


class LabelledImages:
    """The images with label maps.

    Args:
        folder: Folder of the packs.

    Raises:
        FileNotFoundError: A pack is missing.
    """

    def __init__(self, folder: Path) -> None:
        self._packs = [(Pack(folder / f"{name}.zip"), name) for name, _ in SOURCES]
        self._keys = [
            (number, key)
            for number, (_, every) in enumerate(SOURCES)
            for key in list(self._packs[number][0].index)[::every]
        ]

    def draw(self, rng: np.random.Generator, size: Size) -> Ordered:
        """Return a random image cropped to a size, with pairs of pixels of the map of half that size."""
        number, key = self._keys[rng.integers(len(self._keys))]
        pack, name = self._packs[number]
        rgb, labels = cropped(pack.image(key), pack.labels(key), size, rng)
        half = size[1] // 2, size[0] // 2
        small = np.asarray(cv2.resize(labels, half, interpolation=cv2.INTER_NEAREST), np.uint8)
        pairs = _street_pairs(small, rng) if name == STREETS else _thing_pairs(small, rng)
        return _padded(distorted(rgb, rng), pairs)


Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Indices [P] of nearer and of farther pixels of a flattened map."""


def _thing_pairs(labels: LabelMap, rng: np.random.Generator) -> list[Pairs]:
    numbers = [number for number in np.unique(labels) if number not in (0, VOID)]
    each = PAIRS * 2 // 3 // max(1, len(numbers))
    pairs = [_drawn(labels == n, _band(labels, labels == n), each, rng) for n in numbers]
    lowest, highest = _ends(labels == 0)
    return [*pairs, _drawn(lowest, highest, PAIRS // 6, rng)]


def _band(labels: LabelMap, thing: Mask) -> Mask:
    """Return unlabelled pixels around the upper three quarters of a thing, bool [H, W]."""
    reach = 2 * max(2, round(BAND * len(labels))) + 1
    around = cv2.dilate(thing.astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0
    rows = np.flatnonzero(thing.any(1))
    around[rows[0] + (rows[-1] - rows[0]) * 3 // 4 :] = False
    band: Mask = around & (labels == 0)
    return band


def _street_pairs(labels: LabelMap, rng: np.random.Generator) -> list[Pairs]:
    sky, ground = labels == SKY, np.isin(labels, GROUND)
    lowest, highest = _ends(ground)
    solid = (labels > 0) & ~sky
    return [
        _drawn(solid, sky, PAIRS // 3, rng),
        _drawn(lowest, highest, PAIRS // 3, rng),
        _drawn(lowest, solid & ~ground, PAIRS // 3, rng),
    ]


def _ends(mask: Mask) -> tuple[Mask, Mask]:
    """Return the pixels of a mask in the lowest sixth of the image, and those in its upper half."""
    lowest, highest = mask.copy(), mask.copy()
    lowest[: len(mask) * 5 // 6] = False
    highest[len(mask) // 2 :] = False
    return lowest, highest


def _drawn(nearer: Mask, farther: Mask, count: int, rng: np.random.Generator) -> Pairs:
    """Return `count` random pairs of pixels of two masks, or none where a mask has too few pixels."""
    ends = [np.flatnonzero(mask) for mask in (nearer, farther)]
    if min(map(len, ends)) < LEAST_PIXELS:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    return rng.choice(ends[0], count), rng.choice(ends[1], count)


def _padded(rgb: Rgb, pairs: list[Pairs]) -> Ordered:
    nearer, farther = (np.concatenate(column)[:PAIRS] for column in zip(*pairs, strict=True))
    weight = (np.arange(PAIRS) < len(nearer)).astype(np.float32)
    empty = (0, PAIRS - len(nearer))
    return Ordered(rgb, np.pad(nearer, empty), np.pad(farther, empty), weight)
