"""What drawing needs to know of a region, taken from its mask once, so that the mask can be dropped."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from domain.arrays import Floats, Mask
from services.masks.formats import Box

# Names are wide, so room is measured with a column as wide as this many rows are high.
WIDE = 3

_SPOT_SIDE = 80
_SPOTS = 4
# How much room a spot may lose by being one sample nearer to the region's middle.
_CENTRING = 0.12


@dataclass(frozen=True)
class Spot:
    """A place well inside a region.

    Attributes:
        x: Column.
        y: Row.
        room: An ellipse this high and WIDE times as wide (half axes, pixels) around it is inside.
    """

    x: float
    y: float
    room: float


def outlines(mask: Mask, origin: tuple[int, int], tolerance: float) -> list[MatLike]:
    """Borders, smoothed by `tolerance` pixels, of a mask that starts at `origin` and of its holes."""
    borders, _ = cv2.findContours(mask.view(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE, offset=origin)
    return [cv2.approxPolyDP(border, tolerance, closed=True) for border in borders]


def footprint(mask: Mask, box: Box, size: tuple[int, int], step: int) -> Mask:
    """Every `step`-th pixel of the whole picture of `size` (rows, columns), for the mask inside `box`."""
    x, y, _, _ = box
    small = np.zeros((math.ceil(size[0] / step), math.ceil(size[1] / step)), np.bool_)
    part = mask[-y % step :: step, -x % step :: step]
    top, left = math.ceil(y / step), math.ceil(x / step)
    small[top : top + part.shape[0], left : left + part.shape[1]] = part
    return small


def spots(mask: Mask, origin: tuple[int, int]) -> tuple[Spot, ...]:
    """The roomiest places in a mask, roomiest first, by a distance transform at low resolution."""
    height, width = mask.shape
    step = math.ceil(max(height, width / WIDE) / _SPOT_SIDE)
    small = np.pad(mask[::step, :: WIDE * step].view(np.uint8), 1)
    room = cv2.distanceTransform(small, cv2.DIST_L2, 3)
    appeal = np.where(room > 0, room - _CENTRING * _off_centre(small), -np.inf).astype(np.float32)
    x, y = origin
    found = []
    for _ in range(_SPOTS):
        _, best, _, (column, row) = cv2.minMaxLoc(appeal)
        if best == -np.inf:
            break
        radius = float(room[row, column])
        found.append(Spot(x + (column - 1) * WIDE * step, y + (row - 1) * step, radius * step))
        cv2.circle(appeal, (column, row), math.ceil(radius), -np.inf, cv2.FILLED)
    return tuple(found)


def _off_centre(small: NDArray[np.uint8]) -> Floats:
    """Distance of each pixel to the centre of mass of a mask, in pixels."""
    rows, columns = np.nonzero(small)
    if not len(rows):
        return np.zeros(small.shape, np.float32)
    down = np.arange(small.shape[0])[:, None] - rows.mean()
    across = np.arange(small.shape[1]) - columns.mean()
    distance: Floats = np.hypot(down, across).astype(np.float32)
    return distance
