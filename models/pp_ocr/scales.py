"""Scales at which a page is searched for lines, and the choice between lines that several scales show.

A page is searched at once, shrunk if need be, unless small print would be lost by that. Otherwise it is
searched in tiles at the scale of small print, and again at smaller scales for print that is too large for the
tiles.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats

MIN_SIDE_PX = 736
"""Side in pixels that the shorter side is enlarged to, as in rapidocr."""

TARGET_SIDE_PX = 960
MAX_ENLARGEMENT = 1.5
"""Largest factor of an enlargement to TARGET_SIDE_PX: more small print of pages is found, and images that
rapidocr's rule enlarges as much do not become slower."""

MAX_SIDE_PX = 2000
"""Longest side in pixels of a page that is searched at once, as in rapidocr."""

MIN_WHOLE_SCALE = 0.5
"""Least scale of a page that is searched at once: print of 9 pixels is still found."""

MAX_TILED_ENLARGEMENT = 2.0
"""Largest factor by which a page that is searched in tiles is enlarged."""

MAX_ENLARGED_PIXELS = 4_000_000
"""Number of pixels that a page may be enlarged to, if it is searched in tiles."""

MAX_SEARCHED_PIXELS = 12_500_000
"""Number of pixels of a page that is searched in tiles, at its largest scale; a larger page is shrunk to it,
one of 50 million pixels by half.
"""

SIDE_MULTIPLE_PX = 32
"""Both sides are multiples of this, as the network halves them five times."""

MARGIN_PX = 128
"""Pixels around its core that a tile sees; a line of this height on the border of a core is seen whole."""

LEVEL_FACTOR = 3
"""Ratio of the scales of two levels."""

MIN_HEIGHT_PX = MARGIN_PX / LEVEL_FACTOR / 2
"""Least height of a line at a smaller scale; a lower one is found at the scale before."""

SAME_LINE_IOU = 0.5
"""IoU of the boxes of two lines from which on they are one line."""

FRAGMENT_COVERAGE = 0.5
"""Fraction of a line inside a higher one from which on it may be a fragment of its letters."""

FRAGMENT_HEIGHT = 0.2
"""Least height of a fragment, relative to the line; what is lower is small print beside large letters."""

BLOCK_COVERAGE = 0.3
"""Fraction of a box that lower lines cover if it holds a block of small print and is no line."""

Boxes = NDArray[np.float32]
"""Boxes float32 [N, 4], x0, y0, x1, y1."""


@dataclass(frozen=True)
class SearchLevel:
    """One scale at which a page is searched.

    Attributes:
        scale: Pixels of the network's input per pixel of the image.
        width: Width of the input in pixels.
        height: Height of the input in pixels.
        tiled: Whether it is searched in tiles.
    """

    scale: float
    width: int
    height: int
    tiled: bool

    @classmethod
    def of(cls, width: int, height: int, scale: float, tiled: bool) -> "SearchLevel":
        """Return the level at which an image of `width` x `height` pixels has about `scale`."""
        return cls(scale, _round_to_multiple(width * scale), _round_to_multiple(height * scale), tiled)


def search_levels(width: int, height: int) -> list[SearchLevel]:
    """Return the scales at which to search an image of `width` x `height` pixels, largest first."""
    shorter, longer = sorted((width, height))
    wanted = max(1.0, MIN_SIDE_PX / shorter, min(MAX_ENLARGEMENT, TARGET_SIDE_PX / shorter))
    whole = min(wanted, MAX_SIDE_PX / longer)
    if whole >= 1 or (whole >= MIN_WHOLE_SCALE and shorter >= MIN_SIDE_PX):
        return [SearchLevel.of(width, height, whole, tiled=False)]
    enlarged, shrunk = (
        math.sqrt(pixels / (width * height)) for pixels in (MAX_ENLARGED_PIXELS, MAX_SEARCHED_PIXELS)
    )
    scale = min(wanted, MAX_TILED_ENLARGEMENT, max(1.0, enlarged), shrunk)
    levels = [SearchLevel.of(width, height, scale, tiled=True)]
    # A line is not higher than the shorter side.
    while shorter * scale > MARGIN_PX:
        scale /= LEVEL_FACTOR
        levels.append(SearchLevel.of(width, height, scale, tiled=True))
    return levels


def _round_to_multiple(side: float) -> int:
    return max(1, round(side / SIDE_MULTIPLE_PX)) * SIDE_MULTIPLE_PX


def keep_one_scale(found: Sequence[Floats], levels: Sequence[SearchLevel]) -> Floats:
    """Return the lines of all levels, each once, float32 [N, 4, 2].

    A level answers for the heights that fit its tiles. A larger line that smaller scales add replaces the
    fragments of its letters; it is left out where it is a line found before, or a block of small print.

    Args:
        found: Lines [N, 4, 2] of each level, in pixels of the image.
        levels: The levels, largest scale first.
    """
    kept = found[0]
    for index, level in enumerate(levels[1:], 1):
        before = MARGIN_PX / levels[index - 1].scale
        kept = kept[_heights(kept) <= before]
        large = found[index][_heights(found[index]) >= MIN_HEIGHT_PX / level.scale]
        kept = _add_larger(kept, large)
    return kept


def _add_larger(kept: Floats, large: Floats) -> Floats:
    """Return the lines `kept`, and those of `large` that are new, without the fragments of these."""
    boxes, heights = _boxes(kept), _heights(kept)
    stays = np.ones(len(kept), np.bool_)
    added = []
    for quad, box, height in zip(large, _boxes(large), _heights(large), strict=True):
        shared = _intersections(boxes, box)
        areas = _areas(boxes)
        union = areas + _areas(box[None])[0] - shared
        same = shared >= SAME_LINE_IOU * union
        lower = heights < height / 2
        block = shared[lower].sum() >= BLOCK_COVERAGE * _areas(box[None])[0]
        if same.any() or block:
            continue
        inside = shared >= FRAGMENT_COVERAGE * areas
        stays &= ~(inside & (heights >= FRAGMENT_HEIGHT * height))
        added.append(quad)
    return np.concatenate([kept[stays], np.array(added, np.float32).reshape(-1, 4, 2)])


def _heights(quads: Floats) -> Floats:
    """Return the shorter of the sides of each line in pixels, float32 [N]."""
    sides: Floats = np.linalg.norm(np.roll(quads, -1, axis=1) - quads, axis=2)
    heights: Floats = np.maximum(sides[:, :2], sides[:, 2:]).min(axis=1)
    return heights


def _boxes(quads: Floats) -> Boxes:
    return np.concatenate([quads.min(axis=1), quads.max(axis=1)], axis=1)


def _areas(boxes: Boxes) -> Floats:
    areas: Floats = np.prod(np.maximum(boxes[:, 2:] - boxes[:, :2], 1), axis=1)
    return areas


def _intersections(boxes: Boxes, one: Boxes) -> Floats:
    sides = np.minimum(boxes[:, 2:], one[2:]) - np.maximum(boxes[:, :2], one[:2])
    shared: Floats = np.prod(np.maximum(sides, 0), axis=1)
    return shared
