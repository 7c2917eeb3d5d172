"""Geometry of lines of text, given as their corners: float32 [N, 4, 2], clockwise, x and y in pixels."""

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats
from domain.text import Quad

TALL_LINE_ASPECT = 1.5
"""Ratio of height to length from which on a line runs up or down."""


def quad_sizes(quads: Floats) -> Floats:
    """Return the length along the first side and the height across it, in pixels: float32 [N, 2]."""
    sides = np.linalg.norm(np.roll(quads, -1, axis=1) - quads, axis=2)
    longer: Floats = np.maximum(sides[:, :2], sides[:, 2:])
    return longer


def tall_quads(quads: Floats) -> NDArray[np.bool_]:
    """Return which lines run up or down, bool [N]; the first corner is at the top left in the image."""
    length, height = quad_sizes(quads).T
    tall: NDArray[np.bool_] = height >= TALL_LINE_ASPECT * length
    return tall


def roll_corners(quads: Floats, turns: int) -> Floats:
    """Start the corners `turns` corners later, for text that is turned clockwise by as many quarter turns."""
    return np.roll(quads, -turns, axis=-2)


def unrotate_points(quads: Floats, turns: int, width: int, height: int) -> Floats:
    """Map points of `numpy.rot90(image, turns)` back to the image.

    Args:
        quads: Points float32 [..., 2], x and y in pixels of the turned image.
        turns: Number of quarter turns counterclockwise, 0 to 3.
        width: Width of the image in pixels.
        height: Height of the image in pixels.
    """
    x, y = quads[..., 0], quads[..., 1]
    before = [(x, y), (width - y, x), (width - x, height - y), (y, height - x)][turns]
    return np.stack(before, axis=-1)


def to_quad(corners: Floats) -> Quad:
    """Return corners [4, 2] as plain tuples."""
    top_left, top_right, bottom_right, bottom_left = ((float(x), float(y)) for x, y in corners)
    return top_left, top_right, bottom_right, bottom_left


def page_skew(quads: Floats) -> float:
    """Return the angle at which the lines of a page lean, in radians: the median weighted by length."""
    along = (quads[:, 1] + quads[:, 2] - quads[:, 0] - quads[:, 3]) / 2
    angles = np.arctan2(along[:, 1], along[:, 0])
    order = np.argsort(angles)
    weights = np.cumsum(np.linalg.norm(along, axis=1)[order])
    return float(angles[order][np.searchsorted(weights, weights[-1] / 2)])


def deskewed_boxes(quads: Floats) -> Floats:
    """Return boxes x0, y0, x1, y1 [N, 4] of the lines after the page has been turned by its skew."""
    angle = page_skew(quads)
    cos, sin = np.cos(angle), np.sin(angle)
    level = quads @ np.array([[cos, -sin], [sin, cos]], np.float32)
    return np.concatenate([level.min(axis=1), level.max(axis=1)], axis=1)
