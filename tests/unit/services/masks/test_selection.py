"""Which masks are kept when there are too many."""

import numpy as np

from services.masks.bitmasks import pack
from services.masks.selection import cover
from tests.unit.services.masks.test_nms import squares


def test_the_picture_is_covered_before_a_place_is_told_twice() -> None:
    left, left_again, right = (0, 0, 50, 100), (0, 0, 45, 100), (60, 0, 100, 100)
    bits = pack(squares(left, left_again, right))
    chosen = cover(bits, np.array([0.9, 0.88, 0.7], np.float32), 2)
    assert chosen.tolist() == [0, 2]


def test_quality_decides_between_equals() -> None:
    bits = pack(squares((0, 0, 30, 30), (50, 50, 80, 80)))
    assert cover(bits, np.array([0.5, 0.6], np.float32), 1).tolist() == [1]


def test_all_are_kept_when_there_are_few() -> None:
    bits = pack(squares((0, 0, 30, 30), (50, 50, 80, 80)))
    assert sorted(cover(bits, np.ones(2, np.float32), 64).tolist()) == [0, 1]
    assert cover(pack(squares()), np.zeros(0, np.float32), 64).tolist() == []
