"""Splits a page into columns: where a white gap runs down between lines of running text.

A recursive cut in the manner of XY-cut (Nagy & Seth, 1984), with two differences. Lines that span the gap,
such as headings, part the page into bands that are split one by one. And a gap splits only what reads like
text on both sides: the amounts of a receipt and the cells of a table belong to the line they stand in.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats

Indices = NDArray[np.int64]

LEAST_GAP = 0.7
"""Width of a gap between columns, in line heights; words stand closer."""

LEAST_LINES = 3
"""A column has at least so many lines beside the other's."""

RUNNING_TEXT = 6.0
"""Median length of a column's lines, in line heights: about 12 letters; amounts and codes are shorter."""

MOST_SPANNING = 0.34
"""At most this share of the lines may lie across the gap."""


def split_columns(boxes: Floats, members: Indices) -> list[Indices]:
    """The members in the blocks to read one after another; a page without columns is one block.

    Args:
        boxes: x0, y0, x1, y1 [N, 4] of the lines of a level page.
        members: Which of them to split.
    """
    left = _best_left(boxes, members)
    if left is None:
        return [members]
    ahead, behind = _sides(boxes[members], left)
    bands = _bands(boxes, members, ~(ahead | behind))
    return [
        block
        for band in bands
        for side in _parts(boxes, band, left)
        for block in (split_columns(boxes, side) if len(side) < len(members) else [side])
    ]


def _line_height(boxes: Floats) -> float:
    return max(float(np.median(boxes[:, 3] - boxes[:, 1])), 1.0)


def _sides(boxes: Floats, left: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which lines end before the gap left of `left`, and which begin after it."""
    gap = LEAST_GAP * _line_height(boxes)
    return boxes[:, 2] <= left - gap, boxes[:, 0] >= left


def _best_left(boxes: Floats, members: Indices) -> float | None:
    """Where a second column begins; None where there is none. Fewest lines across, then the fullest sides."""
    part = boxes[members]
    found = [(rank, float(left)) for left in np.unique(part[:, 0]) if (rank := _rank(part, float(left)))]
    return max(found)[1] if found else None


def _rank(boxes: Floats, left: float) -> tuple[float, int] | None:
    before, after = _sides(boxes, left)
    spanning = float(np.mean(~(before | after)))
    if spanning > MOST_SPANNING or not (before.any() and after.any()):
        return None
    beside = [_beside(boxes, before, after), _beside(boxes, after, before)]
    if not all(_reads_like_text(boxes[side]) for side in beside):
        return None
    return -spanning, int(min(side.sum() for side in beside))


def _beside(boxes: Floats, these: NDArray[np.bool_], those: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which of `these` stand at the height of `those`."""
    middle = (boxes[:, 1] + boxes[:, 3]) / 2
    top, bottom = boxes[those, 1].min(), boxes[those, 3].max()
    beside: NDArray[np.bool_] = these & (middle >= top) & (middle <= bottom)
    return beside


def _reads_like_text(boxes: Floats) -> bool:
    if len(boxes) < LEAST_LINES:
        return False
    lengths = boxes[:, 2] - boxes[:, 0]
    return bool(np.median(lengths) >= RUNNING_TEXT * _line_height(boxes))


def _bands(boxes: Floats, members: Indices, spanning: NDArray[np.bool_]) -> Iterator[Indices]:
    """The members from top to bottom: the spanning lines, and what lies between them."""
    middle = (boxes[members, 1] + boxes[members, 3]) / 2
    order = np.argsort(middle, kind="stable")
    members, spanning = members[order], spanning[order]
    borders = np.flatnonzero(spanning[1:] != spanning[:-1]) + 1
    yield from np.split(members, borders)


def _parts(boxes: Floats, band: Indices, left: float) -> list[Indices]:
    before, after = _sides(boxes[band], left)
    if not (before | after).all():
        return [band]
    return [side for side in (band[before], band[after]) if len(side)]
