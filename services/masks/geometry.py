"""Grids of points over an image, whole and in levels from coarse to fine."""

import numpy as np
from numpy.typing import NDArray

from domain.prompt import Prompt

ANCHOR = 5
"""Row and column of a point that all levels have: near the middle of its cell at every power of 2."""

ENDLESS = 100


def grid_shares(points_per_side: int) -> NDArray[np.float64]:
    """A regular grid of points, each in the middle of its cell, row by row.

    The grid of SAM's automatic mask generator (Kirillov et al., 2023).

    Returns:
        float64 [points_per_side ** 2, 2], x and y as shares of width and height.
    """
    steps = (np.arange(points_per_side) + 0.5) / points_per_side
    return np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)


def grid_prompts(width: int, height: int, points_per_side: int) -> list[Prompt]:
    """A prompt for each point of the grid, in pixels of the image."""
    return [Prompt.point(x * width, y * height) for x, y in grid_shares(points_per_side).tolist()]


def grid_levels(points_per_side: int, coarsest: int) -> list[NDArray[np.int64]]:
    """The points of the grid by level, coarse to fine: each level halves the cell that a point stands for.

    First every k-th point of every k-th row, then the middles of the squares between those, then the middles
    of their sides, and so on with half of k. k is the largest power of 2 that leaves `coarsest` points
    a side.

    Returns:
        For each level int64 [N], positions in the grid, ascending; together each position once.
    """
    rank = np.array([_coarseness(*divmod(index, points_per_side)) for index in range(points_per_side**2)])
    doublings = max(points_per_side // coarsest, 1).bit_length() - 1
    rank = np.minimum(rank, 2 * doublings)
    return [np.flatnonzero(rank == value) for value in np.unique(rank)[::-1]]


def _coarseness(row: int, column: int) -> int:
    """How many halvings of the cell before the full grid this point comes in already."""
    down, right = row - ANCHOR, column - ANCHOR
    step = (down | right) & -(down | right)
    if step == 0:
        return ENDLESS
    return 2 * (step.bit_length() - 1) + bool(down & right & step)
