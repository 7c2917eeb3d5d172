"""Tiles that overlap and cover a page, each with the core that it alone answers for."""

import math
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.arrays import Rgb
from models.pp_ocr.scales import MARGIN_PX, SIDE_MULTIPLE_PX

TILE_SIDE_PX = 1280
"""Longest side of a tile in pixels: a call of the network takes less memory than one of a whole page."""


MIN_CONTRAST = 8
"""Least difference between the lightest and the darkest pixel, 0..255, of a place that may show print. On
plain paper alone the network is undecided, and would join what stands beside it."""


@dataclass(frozen=True)
class Span:
    """Part of one axis.

    Attributes:
        start: First pixel that the network sees.
        stop: The pixel behind the last one that it sees.
        core_start: First pixel that the span answers for.
        core_stop: The pixel behind the last one that it answers for.
    """

    start: int
    stop: int
    core_start: int
    core_stop: int


@dataclass(frozen=True)
class Tile:
    """Rectangle of a page.

    Attributes:
        across: The columns.
        down: The rows.
    """

    across: Span
    down: Span

    @property
    def rows(self) -> slice:
        """Rows of the page that the network sees."""
        return slice(self.down.start, self.down.stop)

    @property
    def columns(self) -> slice:
        """Columns of the page that the network sees."""
        return slice(self.across.start, self.across.stop)

    @property
    def core_rows(self) -> slice:
        """Rows of the page that the tile answers for."""
        return slice(self.down.core_start, self.down.core_stop)

    @property
    def core_columns(self) -> slice:
        """Columns of the page that the tile answers for."""
        return slice(self.across.core_start, self.across.core_stop)

    def meets(self, blocks: NDArray[np.bool_]) -> bool:
        """Return whether the tile has a block of 32 x 32 pixels that is set in `blocks` of the page."""
        (top, left), (bottom, right) = (
            (self.down.start, self.across.start),
            (self.down.stop - 1, self.across.stop - 1),
        )
        side = SIDE_MULTIPLE_PX
        part = blocks[top // side : bottom // side + 1, left // side : right // side + 1]
        return bool(part.any())

    @property
    def inner(self) -> tuple[slice, slice]:
        """The core inside the tile: rows and columns."""
        return _inside(self.down), _inside(self.across)


def page_tiles(width: int, height: int) -> list[Tile]:
    """Return tiles whose cores part a page, row by row; both sides are multiples of 32."""
    across = axis_spans(width)
    return [Tile(columns, rows) for rows in axis_spans(height) for columns in across]


def axis_spans(length: int) -> list[Span]:
    """Part an axis of `length` pixels, a multiple of 32, into spans of equal size.

    Neighbours overlap by at least twice MARGIN_PX, and their cores meet in the middle of it. The size is a
    multiple of 32 and at most TILE_SIDE_PX.
    """
    overlap = 2 * MARGIN_PX
    count = max(1, math.ceil((length - overlap) / (TILE_SIDE_PX - overlap)))
    size = math.ceil((length + (count - 1) * overlap) / count / SIDE_MULTIPLE_PX) * SIDE_MULTIPLE_PX
    steps = max(count - 1, 1)
    starts = [(length - size) * index // steps for index in range(count)]
    # Neighbours share the pixels from one's start to the other's stop; the border is in the middle.
    borders = [
        0,
        *((after + before + size) // 2 for before, after in pairwise(starts)),
        length,
    ]
    return [
        Span(start, start + size, borders[index], borders[index + 1]) for index, start in enumerate(starts)
    ]


def _inside(span: Span) -> slice:
    return slice(span.core_start - span.start, span.core_stop - span.start)


def contrasting_blocks(page: Rgb) -> NDArray[np.bool_]:
    """Return which blocks of 32 x 32 pixels show more than plain paper, with their neighbours: bool [h, w].

    Args:
        page: uint8 [H, W, 3], both sides multiples of 32.
    """
    side = SIDE_MULTIPLE_PX
    pixels = page.reshape(page.shape[0] // side, side, page.shape[1] // side, side, 3)
    around = np.ones((3, 3), np.uint8)
    lightest = cv2.dilate(pixels.max(axis=(1, 3)), around)
    darkest = cv2.erode(pixels.min(axis=(1, 3)), around)
    blocks: NDArray[np.bool_] = (lightest - darkest).max(axis=2) >= MIN_CONTRAST
    return blocks


def blank_plain_blocks(probability: NDArray[np.uint8], blocks: NDArray[np.bool_]) -> None:
    """Set a map [H, W] to zero outside the `blocks` of `contrasting_blocks`."""
    side = SIDE_MULTIPLE_PX
    parts = probability.reshape(blocks.shape[0], side, blocks.shape[1], side)
    parts *= blocks[:, None, :, None]
