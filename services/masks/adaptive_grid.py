"""Decides which points of a grid good masks explain already."""

import numpy as np
from numpy.typing import NDArray

from services.masks.bitmasks import counts, holds, thinned_pixels
from services.masks.candidates import Shortlist

COARSEST = 8
"""Points a side that are always decoded, at least; sparser levels lose objects."""

REACH = 4.0
"""A good mask explains the points inside it if it is at most this many cells large, a cell being the part
of the image that a point stands for once its level is decoded. A larger mask may well hold something smaller
that no point has hit yet, so the points inside it are decoded.
"""

LAST_REACH = 128.0
"""The same in the last level, where all neighbours of a point are known: what they missed is smaller than two
cells. Both were chosen on COCO photographs, see docs/decisions/0007-everything-mode.md.
"""


def unexplained(good: Shortlist, shares: NDArray[np.float64], largest: float) -> NDArray[np.bool_]:
    """Which points still have to be decoded, bool [P].

    Args:
        good: The masks found so far that can be relied on.
        shares: The points, float64 [P, 2], x and y as shares of width and height.
        largest: Masks above this share of the image explain nothing.
    """
    area = counts(good.bits) / thinned_pixels(good.frame)
    inside = holds(good.bits[area <= largest], good.frame, shares)
    unknown: NDArray[np.bool_] = np.count_nonzero(inside, axis=0) == 0
    return unknown
