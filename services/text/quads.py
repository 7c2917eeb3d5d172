"""Geometry of lines of text: arrays float32 [N, 4, 2] of corners, clockwise, x and y in pixels."""

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats
from domain.text import Quad

TALL_LINE_ASPECT = 1.5
"""A line whose corners span this many times more down than across runs up or down."""


def quad_sizes(quads: Floats) -> Floats:
    """Length along the first side, and the height across it: [N, 2]."""
    sides = np.linalg.norm(np.roll(quads, -1, axis=1) - quads, axis=2)
    longer: Floats = np.maximum(sides[:, :2], sides[:, 2:])
    return longer


def tall_quads(quads: Floats) -> NDArray[np.bool_]:
    """Which lines run up or down, bool [N], when first corners are the top left ones of the image."""
    length, height = quad_sizes(quads).T
    tall: NDArray[np.bool_] = height >= TALL_LINE_ASPECT * length
    return tall


def roll_corners(quads: Floats, turns: int) -> Floats:
    """The same places with the first corner `turns` corners further: for text turned clockwise so often."""
    return np.roll(quads, -turns, axis=-2)


def unrotate_points(quads: Floats, turns: int, width: int, height: int) -> Floats:
    """Places in an image after `numpy.rot90(image, turns)`, as places in the image before it.

    Args:
        quads: float32 [..., 2].
        turns: Quarter turns counterclockwise.
        width: Of the image before.
        height: Of the image before.
    """
    x, y = quads[..., 0], quads[..., 1]
    before = [(x, y), (width - y, x), (width - x, height - y), (y, height - x)][turns]
    return np.stack(before, axis=-1)


def to_quad(corners: Floats) -> Quad:
    """Corners [4, 2] as a value."""
    top_left, top_right, bottom_right, bottom_left = ((float(x), float(y)) for x, y in corners)
    return top_left, top_right, bottom_right, bottom_left


def page_skew(quads: Floats) -> float:
    """How far the lines of a page lean, in radians: the median over lines, long ones counting more."""
    along = (quads[:, 1] + quads[:, 2] - quads[:, 0] - quads[:, 3]) / 2
    angles = np.arctan2(along[:, 1], along[:, 0])
    order = np.argsort(angles)
    weights = np.cumsum(np.linalg.norm(along, axis=1)[order])
    return float(angles[order][np.searchsorted(weights, weights[-1] / 2)])


def deskewed_boxes(quads: Floats) -> Floats:
    """Boxes x0, y0, x1, y1 [N, 4] of the lines once the page's skew is turned away."""
    angle = page_skew(quads)
    cos, sin = np.cos(angle), np.sin(angle)
    level = quads @ np.array([[cos, -sin], [sin, cos]], np.float32)
    return np.concatenate([level.min(axis=1), level.max(axis=1)], axis=1)
