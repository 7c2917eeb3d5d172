"""Splits a page into columns: where a white gap runs down between lines of running text.

A recursive cut in the manner of XY-cut (Nagy & Seth, 1984), with two differences. Lines that span the gap,
such as headings, part the page into bands that are split one by one. And a gap splits only what reads like
text on both sides: the amounts of a receipt and the cells of a table belong to the line they stand in.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats
from services.text.quads import deskewed_boxes

LineIndices = NDArray[np.int64]

MIN_COLUMN_GAP = 0.7
"""Width of a gap between columns, in line heights; words stand closer."""

MIN_COLUMN_LINES = 3
"""A column has at least so many lines beside the other's."""

MIN_COLUMN_TEXT_WIDTH = 6.0
"""Median length of a column's lines, in line heights: about 12 letters; amounts and codes are shorter."""

MAX_SPANNING_FRACTION = 0.34
"""At most this share of the lines may lie across the gap."""


def split_columns(boxes: Floats, members: LineIndices) -> list[LineIndices]:
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
    gap = MIN_COLUMN_GAP * _line_height(boxes)
    return boxes[:, 2] <= left - gap, boxes[:, 0] >= left


def _best_left(boxes: Floats, members: LineIndices) -> float | None:
    """Where a second column begins; None where there is none. Fewest lines across, then the fullest sides."""
    part = boxes[members]
    found = [(rank, float(left)) for left in np.unique(part[:, 0]) if (rank := _rank(part, float(left)))]
    return max(found)[1] if found else None


def _rank(boxes: Floats, left: float) -> tuple[float, int] | None:
    before, after = _sides(boxes, left)
    spanning = float(np.mean(~(before | after)))
    if spanning > MAX_SPANNING_FRACTION or not (before.any() and after.any()):
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
    if len(boxes) < MIN_COLUMN_LINES:
        return False
    lengths = boxes[:, 2] - boxes[:, 0]
    return bool(np.median(lengths) >= MIN_COLUMN_TEXT_WIDTH * _line_height(boxes))


def _bands(boxes: Floats, members: LineIndices, spanning: NDArray[np.bool_]) -> Iterator[LineIndices]:
    """The members from top to bottom: the spanning lines, and what lies between them."""
    middle = (boxes[members, 1] + boxes[members, 3]) / 2
    order = np.argsort(middle, kind="stable")
    members, spanning = members[order], spanning[order]
    borders = np.flatnonzero(spanning[1:] != spanning[:-1]) + 1
    yield from np.split(members, borders)


def _parts(boxes: Floats, band: LineIndices, left: float) -> list[LineIndices]:
    before, after = _sides(boxes[band], left)
    if not (before | after).all():
        return [band]
    return [side for side in (band[before], band[after]) if len(side)]


MIN_ROW_OVERLAP = 0.5
"""Lines whose heights overlap by this share of the lower one stand in one row."""

MIN_PARAGRAPH_GAP = 1.0
"""White between rows, in row heights, from which on a new block begins."""

TextRow = list[int]

TextBlock = list[TextRow]


def reading_order(quads: Floats, right_to_left: bool = False) -> list[TextBlock]:
    """Blocks of rows of lines, each a position in `quads`.

    Args:
        quads: float32 [N, 4, 2], first corners being the top left of the text, of an upright page that may
            lean a little.
        right_to_left: Rows and columns run so.
    """
    if not len(quads):
        return []
    boxes = deskewed_boxes(quads)
    if right_to_left:
        # What is said of left and right below holds in a mirror.
        boxes = boxes[:, [2, 1, 0, 3]] * np.array([-1, 1, -1, 1], np.float32)
    columns = split_columns(boxes, np.arange(len(boxes)))
    return [block for column in columns for block in _blocks(boxes, _rows(boxes, column))]


def _rows(boxes: Floats, members: LineIndices) -> list[TextRow]:
    """Rows from top to bottom, each from left to right."""
    rows: list[TextRow] = []
    for member in sorted(members.tolist(), key=lambda index: float(boxes[index, 1] + boxes[index, 3])):
        row = max(rows[-3:], key=lambda row: _row_overlap(boxes, row, member), default=None)
        if row is not None and _row_overlap(boxes, row, member) >= MIN_ROW_OVERLAP:
            row.append(member)
        else:
            rows.append([member])
    return [sorted(row, key=lambda index: float(boxes[index, 0])) for row in rows]


def _row_overlap(boxes: Floats, row: TextRow, member: int) -> float:
    """How far a line stands beside its nearest neighbour in a row, as a share of the lower of both."""
    box = boxes[member]
    near = boxes[min(row, key=lambda index: float(abs(boxes[index, 0] - box[0])))]
    shared = min(near[3], box[3]) - max(near[1], box[1])
    return float(shared / max(min(near[3] - near[1], box[3] - box[1]), 1.0))


def _blocks(boxes: Floats, rows: list[TextRow]) -> list[TextBlock]:
    """Rows parted where more white than usual lies between them."""
    blocks = [[rows[0]]]
    for row in rows[1:]:
        above = blocks[-1][-1]
        white = boxes[row, 1].min() - boxes[above, 3].max()
        height = np.median(boxes[above + row, 3] - boxes[above + row, 1])
        if white > MIN_PARAGRAPH_GAP * height:
            blocks.append([row])
        else:
            blocks[-1].append(row)
    return blocks


def join_text(blocks: Sequence[TextBlock], texts: Sequence[str]) -> str:
    """One string: spaces in a row, a newline after each, an empty line between blocks."""
    return "\n\n".join(
        "\n".join(" ".join(texts[index] for index in row) for row in block) for block in blocks
    )
