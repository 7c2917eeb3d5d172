"""SAM's own way to remove duplicates: greedy non-maximum suppression of boxes."""

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats

IOU = 0.7
"""`box_nms_thresh` of SAM 2's automatic mask generator."""


def distinct_boxes(boxes: Floats, quality: Floats) -> NDArray[np.int64]:
    """Indices of the boxes to keep, best quality first (ties: the earlier one).

    A box goes when a better one has an IoU above IOU with it, as in `torchvision.ops.nms`.

    Args:
        boxes: float32 [N, 4], x0, y0, x1, y1.
        quality: float32 [N].
    """
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    alive = np.argsort(-quality, kind="stable")
    kept = []
    while len(alive):
        best, rest = alive[0], alive[1:]
        kept.append(best)
        shared = _shared(boxes[rest], boxes[best])
        alive = rest[shared <= IOU * (area[rest] + area[best] - shared)]
    return np.array(kept, np.int64)


def _shared(boxes: Floats, one: Floats) -> Floats:
    sides = np.minimum(boxes[:, 2:], one[2:]) - np.maximum(boxes[:, :2], one[:2])
    shared: Floats = np.prod(np.maximum(sides, 0.0), axis=1)
    return shared
