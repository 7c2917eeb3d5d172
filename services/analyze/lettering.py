"""Which lines of text stand on which region."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from domain.arrays import Mask
from domain.masks import Region
from domain.text import Quad, TextLine

COVERED = 0.5
"""Share of a line's area that a region must cover; letters are often holes in the mask of what bears them."""


@dataclass(frozen=True)
class LineArea:
    """The pixels of one line of text.

    Attributes:
        x: Of the left column of `mask` in the upright image; may lie outside it.
        y: Of its top row.
        mask: bool [h, w], never empty.
    """

    x: int
    y: int
    mask: Mask

    @classmethod
    def of(cls, quad: Quad) -> "LineArea":
        """The pixels between four corners."""
        corners = np.rint(np.array(quad)).astype(np.int32)
        x, y, w, h = cv2.boundingRect(corners)
        drawn = cv2.fillConvexPoly(np.zeros((h, w), np.uint8), corners - [x, y], 1)
        return cls(x, y, np.asarray(drawn, np.uint8).view(np.bool_))

    def share_inside(self, region: Region, mask: Mask) -> float:
        """The share of it that a region covers whose mask within its box is `mask`, bool [h, w]."""
        x, y, w, h = region.xywh
        rows, columns = self.mask.shape
        left, top = max(x, self.x), max(y, self.y)
        right, bottom = min(x + w, self.x + columns), min(y + h, self.y + rows)
        if left >= right or top >= bottom:
            return 0.0
        ours = self.mask[top - self.y : bottom - self.y, left - self.x : right - self.x]
        theirs = mask[top - y : bottom - y, left - x : right - x]
        return float(np.count_nonzero(ours & theirs) / np.count_nonzero(self.mask))


def areas(lines: Sequence[TextLine]) -> list[LineArea]:
    """The pixels of each line."""
    return [LineArea.of(line.quad) for line in lines]


def lines_on(lines: Sequence[LineArea], region: Region, mask: Mask) -> tuple[int, ...]:
    """Positions of the lines that lie in a region whose mask within its box is `mask`, bool [h, w]."""
    return tuple(index for index, line in enumerate(lines) if line.share_inside(region, mask) >= COVERED)
