"""Boxes and grids in pixels of the upright image."""

from domain.types import Prompt


def grid_prompts(width: int, height: int, points_per_side: int) -> list[Prompt]:
    """A regular grid of single-point prompts, each in the middle of its cell, row by row.

    The grid of SAM's automatic mask generator (Kirillov et al., 2023), in pixels.
    """
    steps = [(index + 0.5) / points_per_side for index in range(points_per_side)]
    return [Prompt.point(x * width, y * height) for y in steps for x in steps]
