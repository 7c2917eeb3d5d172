"""Regions that lie in each other."""

import numpy as np
import pytest

from services.masks.nesting import Nesting
from tests.unit.services.analyze.shapes import block, region


def test_the_parent_is_the_smallest_region_around() -> None:
    room, table, cup, lamp = (
        block(0, 0, 90, 60),
        block(10, 10, 50, 40),
        block(20, 20, 9, 9),
        block(92, 0, 8, 9),
    )
    regions = [region(mask) for mask in (cup, room, lamp, table)]
    assert Nesting.of(regions).parents == [3, None, None, 1]
    assert Nesting.of([]).parents == []


def test_nine_tenths_inside_are_enough_and_half_is_not() -> None:
    box = block(10, 10, 40, 30)
    assert Nesting.of([region(block(41, 20, 10, 10)), region(box)]).parents == [1, None]
    assert Nesting.of([region(block(42, 20, 10, 10)), region(box)]).parents == [None, None]
    assert Nesting.of([region(block(45, 20, 10, 10)), region(box)]).parents == [None, None]


def test_equal_masks_are_no_circle() -> None:
    same = region(block(10, 10, 10, 10))
    found = Nesting.of([same, same, same]).parents
    assert found == [None, 0, 1]


def test_overlaps_are_exact() -> None:
    nesting = Nesting.of([region(block(0, 0, 20, 10)), region(block(10, 0, 40, 10))])
    assert nesting.coverage == pytest.approx(np.array([[1, 0.5], [0.25, 1]]))
    assert nesting.ious == pytest.approx(np.array([[1, 0.2], [0.2, 1]]))
    assert nesting.take([1]).areas.tolist() == [400]
    assert nesting.take([]).parents == []
