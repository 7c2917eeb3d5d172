"""Puts lines of text into the order in which people read them."""

from collections.abc import Sequence

import numpy as np

from domain.arrays import Floats
from services.text.columns import Indices, split_columns
from services.text.quads import level_boxes

SAME_ROW = 0.5
"""Lines whose heights overlap by this share of the lower one stand in one row."""

PARAGRAPH_GAP = 1.0
"""White between rows, in row heights, from which on a new block begins."""

Row = list[int]
Block = list[Row]


def reading_order(quads: Floats, right_to_left: bool = False) -> list[Block]:
    """Blocks of rows of lines, each a position in `quads`.

    Args:
        quads: float32 [N, 4, 2], first corners being the top left of the text, of an upright page that may
            lean a little.
        right_to_left: Rows and columns run so.
    """
    if not len(quads):
        return []
    boxes = level_boxes(quads)
    if right_to_left:
        # What is said of left and right below holds in a mirror.
        boxes = boxes[:, [2, 1, 0, 3]] * np.array([-1, 1, -1, 1], np.float32)
    columns = split_columns(boxes, np.arange(len(boxes)))
    return [block for column in columns for block in _blocks(boxes, _rows(boxes, column))]


def _rows(boxes: Floats, members: Indices) -> list[Row]:
    """Rows from top to bottom, each from left to right."""
    rows: list[Row] = []
    for member in sorted(members.tolist(), key=lambda index: float(boxes[index, 1] + boxes[index, 3])):
        row = max(rows[-3:], key=lambda row: _overlap(boxes, row, member), default=None)
        if row is not None and _overlap(boxes, row, member) >= SAME_ROW:
            row.append(member)
        else:
            rows.append([member])
    return [sorted(row, key=lambda index: float(boxes[index, 0])) for row in rows]


def _overlap(boxes: Floats, row: Row, member: int) -> float:
    """How far a line stands beside its nearest neighbour in a row, as a share of the lower of both."""
    box = boxes[member]
    near = boxes[min(row, key=lambda index: float(abs(boxes[index, 0] - box[0])))]
    shared = min(near[3], box[3]) - max(near[1], box[1])
    return float(shared / max(min(near[3] - near[1], box[3] - box[1]), 1.0))


def _blocks(boxes: Floats, rows: list[Row]) -> list[Block]:
    """Rows parted where more white than usual lies between them."""
    blocks = [[rows[0]]]
    for row in rows[1:]:
        above = blocks[-1][-1]
        white = boxes[row, 1].min() - boxes[above, 3].max()
        height = np.median(boxes[above + row, 3] - boxes[above + row, 1])
        if white > PARAGRAPH_GAP * height:
            blocks.append([row])
        else:
            blocks[-1].append(row)
    return blocks


def join(blocks: Sequence[Block], texts: Sequence[str]) -> str:
    """One string: spaces in a row, a newline after each, an empty line between blocks."""
    return "\n\n".join(
        "\n".join(" ".join(texts[index] for index in row) for row in block) for block in blocks
    )
