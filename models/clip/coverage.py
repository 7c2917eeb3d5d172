"""Masks to what the region tower reads: the share of each patch that a region covers."""

from collections.abc import Sequence

import cv2
import numpy as np

from domain.arrays import Floats, Mask


def patch_coverage(masks: Sequence[Mask], grid: int) -> Floats:
    """Coverage float32 [N, grid * grid], 0..1, row by row, of masks bool [h, w] over the whole photograph."""
    shares = np.empty((len(masks), grid, grid), np.float32)
    for share, mask in zip(shares, masks, strict=True):
        cv2.resize(_fine(mask, grid).astype(np.float32), (grid, grid), share, interpolation=cv2.INTER_AREA)
    return shares.reshape(len(masks), grid * grid)


def _fine(mask: Mask, grid: int) -> Mask:
    """The mask, repeated where it is coarser than the grid: area averaging only shrinks."""
    down, across = (-(-grid // side) for side in mask.shape)
    return mask.repeat(down, axis=0).repeat(across, axis=1) if max(down, across) > 1 else mask
