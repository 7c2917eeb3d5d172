"""Grids, whole and in levels."""

import numpy as np
import pytest

from services.masks.geometry import grid_levels, grid_prompts, grid_shares


def test_the_grid_has_a_point_in_the_middle_of_each_cell() -> None:
    points = [tuple(prompt.points[0]) for prompt in grid_prompts(100, 50, 2)]
    assert points == [(25, 12.5), (75, 12.5), (25, 37.5), (75, 37.5)]


@pytest.mark.parametrize("side", range(1, 65))
def test_levels_have_every_point_once(side: int) -> None:
    levels = grid_levels(side, 8)
    assert sorted(np.concatenate(levels).tolist()) == list(range(side**2))
    assert len(levels[0]) >= min(side, 8) ** 2 / 2


def test_levels_halve_the_cell_each_time() -> None:
    assert [len(level) for level in grid_levels(32, 8)] == [64, 64, 128, 256, 512]
    assert [len(level) for level in grid_levels(16, 8)] == [64, 64, 128]
    rows, columns = np.divmod(grid_levels(16, 8)[0], 16)
    assert set(rows.tolist()) == set(columns.tolist()) == set(range(1, 16, 2))


def test_shares_go_row_by_row() -> None:
    assert grid_shares(2).tolist() == [[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]]
