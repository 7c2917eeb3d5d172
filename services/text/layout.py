"""Puts the lines of a page in reading order: columns, blocks, rows.

Columns are found by a recursive cut in the manner of XY-cut (Nagy & Seth, 1984), with two differences. Lines
that span the gap between columns, such as headings, part the page into bands that are split one by one. And a
gap splits only what reads like text on both sides: the amounts of a receipt and the cells of a table belong
to the line they stand in.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats
from services.text.quads import deskewed_boxes

LineIndices = NDArray[np.int64]
"""int64 [K], positions of lines among all lines of the page."""

TextRow = list[int]
"""Positions of the lines of one row."""

TextBlock = list[TextRow]
"""Rows of one block, top to bottom."""

MIN_COLUMN_GAP = 0.7
"""Least width of a gap between columns, in line heights; words stand closer."""

MIN_COLUMN_LINES = 3
"""Least number of lines of a column beside the other one."""

MIN_COLUMN_TEXT_WIDTH = 6.0
"""Least median length of a column's lines, in line heights: about 12 letters, more than amounts have."""

MAX_SPANNING_FRACTION = 0.34
"""Largest fraction of the lines that may span the gap."""

MIN_ROW_OVERLAP = 0.5
"""Overlap of the heights of two lines in one row, as a fraction of the lower line's height."""

MIN_PARAGRAPH_GAP = 1.0
"""White space between rows, in row heights, above which a new block begins."""


def reading_order(quads: Floats, right_to_left: bool = False) -> list[TextBlock]:
    """Return the lines as blocks of rows, in reading order.

    Args:
        quads: float32 [N, 4, 2], corners of the lines of an upright page that may lean a little; the first
            corner is the top left of the text.
        right_to_left: Whether rows and columns run from right to left.
    """
    if not len(quads):
        return []
    boxes = deskewed_boxes(quads)
    if right_to_left:
        # In the mirrored page, text runs from left to right.
        boxes = boxes[:, [2, 1, 0, 3]] * np.array([-1, 1, -1, 1], np.float32)
    columns = split_columns(boxes, np.arange(len(boxes)))
    return [block for column in columns for block in _blocks(boxes, _rows(boxes, column))]


def join_text(blocks: Sequence[TextBlock], texts: Sequence[str]) -> str:
    """Join texts to one string: spaces in a row, a newline after each row, an empty line between blocks."""
    return "\n\n".join(
        "\n".join(" ".join(texts[index] for index in row) for row in block) for block in blocks
    )


def split_columns(boxes: Floats, members: LineIndices) -> list[LineIndices]:
    """Split lines into columns and bands, to be read one after another; without columns they stay together.

    Args:
        boxes: x0, y0, x1, y1 [N, 4] of the lines of a level page.
        members: Positions of the lines to split.
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


def _best_left(boxes: Floats, members: LineIndices) -> float | None:
    """Return the x at which a second column begins, or None.

    The best has the fewest lines that span the gap, then the most lines on the emptier side.
    """
    part = boxes[members]
    found = [(rank, float(left)) for left in np.unique(part[:, 0]) if (rank := _rank(part, float(left)))]
    return max(found)[1] if found else None


def _rank(boxes: Floats, left: float) -> tuple[float, int] | None:
    """Rate the gap left of `left`; None if it does not part columns."""
    before, after = _sides(boxes, left)
    spanning = float(np.mean(~(before | after)))
    if spanning > MAX_SPANNING_FRACTION or not (before.any() and after.any()):
        return None
    beside = [_beside(boxes, before, after), _beside(boxes, after, before)]
    if not all(_reads_like_text(boxes[side]) for side in beside):
        return None
    return -spanning, int(min(side.sum() for side in beside))


def _sides(boxes: Floats, left: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which lines end before the gap left of `left`, and which begin after it, bool [N] each."""
    gap = MIN_COLUMN_GAP * _line_height(boxes)
    return boxes[:, 2] <= left - gap, boxes[:, 0] >= left


def _line_height(boxes: Floats) -> float:
    return max(float(np.median(boxes[:, 3] - boxes[:, 1])), 1.0)


def _beside(boxes: Floats, these: NDArray[np.bool_], those: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which of `these` stand at the height of `those`, bool [N]."""
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
    """Yield the members from top to bottom: the spanning lines, and the lines between them."""
    middle = (boxes[members, 1] + boxes[members, 3]) / 2
    order = np.argsort(middle, kind="stable")
    members, spanning = members[order], spanning[order]
    borders = np.flatnonzero(spanning[1:] != spanning[:-1]) + 1
    yield from np.split(members, borders)


def _parts(boxes: Floats, band: LineIndices, left: float) -> list[LineIndices]:
    """Part a band at the gap, unless lines of it span the gap."""
    before, after = _sides(boxes[band], left)
    if not (before | after).all():
        return [band]
    return [side for side in (band[before], band[after]) if len(side)]


def _rows(boxes: Floats, members: LineIndices) -> list[TextRow]:
    """Group lines into rows, from top to bottom, each from left to right."""
    rows: list[TextRow] = []
    for member in sorted(members.tolist(), key=lambda index: float(boxes[index, 1] + boxes[index, 3])):
        row = max(rows[-3:], key=lambda row: _row_overlap(boxes, row, member), default=None)
        if row is not None and _row_overlap(boxes, row, member) >= MIN_ROW_OVERLAP:
            row.append(member)
        else:
            rows.append([member])
    return [sorted(row, key=lambda index: float(boxes[index, 0])) for row in rows]


def _row_overlap(boxes: Floats, row: TextRow, member: int) -> float:
    """Return the overlap in height of a line and its nearest in a row, relative to the lower one."""
    box = boxes[member]
    near = boxes[min(row, key=lambda index: float(abs(boxes[index, 0] - box[0])))]
    overlap = min(near[3], box[3]) - max(near[1], box[1])
    return float(overlap / max(min(near[3] - near[1], box[3] - box[1]), 1.0))


def _blocks(boxes: Floats, rows: list[TextRow]) -> list[TextBlock]:
    """Part rows into blocks where the white space between them is larger than usual."""
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
