"""What the network says of each superpixel: groups of classes and a vector, averaged."""

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats

STEP = 4
"""Every fourth row and column is looked at."""

GROUPS = 26
"""The first columns are probabilities of groups, background first; the rest is the vector."""


def descriptors(regions: Floats, region: NDArray[np.int32], count: int) -> Floats:
    """Mean of the coarse map over each superpixel, float32 [count, C].

    Args:
        regions: float32 [rows, columns, C], covers the image.
        region: int32 [h, w], the superpixel of each pixel, 0 .. count - 1.
        count: How many superpixels.
    """
    some = region[STEP // 2 :: STEP, STEP // 2 :: STEP]
    values = cv2.resize(regions, some.shape[::-1], interpolation=cv2.INTER_LINEAR).reshape(some.size, -1)
    order = np.argsort(some, axis=None, kind="stable")
    present, start = np.unique(some.ravel()[order], return_index=True)
    sums = np.add.reduceat(values[order], start, axis=0)
    means = _at_centres(regions, region, count)
    means[present] = sums / np.diff(np.append(start, some.size))[:, None]
    return means


def _at_centres(regions: Floats, region: NDArray[np.int32], count: int) -> Floats:
    """The coarse map where the centre of each superpixel is: the small ones are not looked at otherwise."""
    height, width = region.shape
    rows, columns = np.mgrid[:height, :width]
    area = np.bincount(region.ravel(), minlength=count)
    y, x = (
        np.bincount(region.ravel(), place.ravel(), count) / area / size * cells
        for place, size, cells in zip((rows, columns), region.shape, regions.shape[:2], strict=True)
    )
    return np.array(regions[y.astype(np.int64), x.astype(np.int64)], np.float32)
