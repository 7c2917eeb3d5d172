"""Splits a leaf between points that mark it both as object and as not the object."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Mask
from models.contour.frame import Points


def without_negatives(mask: Mask, region: NDArray[np.int32], positive: Points, negative: Points) -> Mask:
    """The mask without the pixels around negative points that no cut of leaves could remove.

    Of a leaf still in the mask under a negative point, the pixels nearer to that point than to every positive
    one go. What would leave nothing stays.

    Args:
        mask: bool [h, w].
        region: int32 [h, w], the leaf under each pixel.
        positive: Points on the object, maybe none.
        negative: Points off it.
    """
    for point in negative[mask[negative[:, 1], negative[:, 0]]]:
        leaf = region == region[point[1], point[0]]
        nearer = _distance(mask.shape, point[None]) < _distance(mask.shape, positive)
        rest = mask & ~(leaf & nearer)
        mask = rest if rest.any() else mask
    return mask


def _distance(shape: tuple[int, ...], points: Points) -> NDArray[Any]:
    """Squared distance of each pixel to the nearest point; infinite without points."""
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    nearest = np.full(shape, np.inf)
    for column, row in points:
        np.minimum(nearest, (rows - row) ** 2 + (columns - column) ** 2, out=nearest)
    return nearest
