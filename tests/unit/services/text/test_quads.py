"""Tests of services/text/quads.py."""

import numpy as np
import pytest

from services.text.quads import roll_corners, unrotate_points


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_points_are_turned_back_as_pixels_are(turns: int) -> None:
    before = np.zeros((30, 50), np.uint8)
    before[4, 7] = 1
    ((row, column),) = np.argwhere(np.rot90(before, turns))
    middle = np.array([column + 0.5, row + 0.5], np.float32)
    assert unrotate_points(middle, turns, 50, 30).tolist() == [7.5, 4.5]


def test_corners_start_later() -> None:
    quad = np.array([[0, 0], [9, 0], [9, 3], [0, 3]], np.float32)
    assert roll_corners(quad, 1)[0].tolist() == [9, 0]
    assert roll_corners(quad[None], 3)[0, 0].tolist() == [0, 3]
