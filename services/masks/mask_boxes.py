"""Boxes of masks as they will be at full size, measured before the masks are made."""

import numpy as np

from domain.arrays import Floats
from services.masks.candidates import Shortlist
from services.masks.upsample import enlarge, measuring_size


def mask_boxes(found: Shortlist, width: int, height: int) -> Floats:
    """Boxes of the masks in an image of `width` x `height` pixels, float32 [N, 4].

    As SAM has them: the columns and rows of the outermost pixels, x0, y0, x1, y1, the last ones inclusive. A
    mask without a pixel has zeros.
    """
    size = measuring_size(width, height)
    boxes = np.array([_box(found, index, *size) for index in range(len(found))], np.float32).reshape(-1, 4)
    scales = np.array([width / size[0], height / size[1]] * 2, np.float32)
    measured: Floats = boxes * scales
    return measured


def _box(found: Shortlist, index: int, width: int, height: int) -> tuple[int, int, int, int]:
    row, column = found.corners[index].tolist()
    patch = enlarge(found.crops[index], (row, column), found.frame, width, height)
    mask = patch.logits > 0
    columns, rows = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(columns):
        return 0, 0, 0, 0
    x, y = patch.left, patch.top
    return x + int(columns[0]), y + int(rows[0]), x + int(columns[-1]), y + int(rows[-1])
