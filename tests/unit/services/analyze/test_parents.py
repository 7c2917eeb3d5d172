"""Regions that lie in each other."""

from services.analyze.parents import find_parents
from tests.unit.services.analyze.shapes import block, region


def test_the_parent_is_the_smallest_region_around() -> None:
    room, table, cup, lamp = (
        block(0, 0, 90, 60),
        block(10, 10, 50, 40),
        block(20, 20, 9, 9),
        block(92, 0, 8, 9),
    )
    regions = [region(mask) for mask in (cup, room, lamp, table)]
    assert find_parents(regions) == [3, None, None, 1]
    assert find_parents([]) == []


def test_nine_tenths_inside_are_enough_and_half_is_not() -> None:
    box = block(10, 10, 40, 30)
    assert find_parents([region(block(41, 20, 10, 10)), region(box)]) == [1, None]
    assert find_parents([region(block(42, 20, 10, 10)), region(box)]) == [None, None]
    assert find_parents([region(block(45, 20, 10, 10)), region(box)]) == [None, None]


def test_equal_masks_are_no_circle() -> None:
    same = region(block(10, 10, 10, 10))
    found = find_parents([same, same, same])
    assert found[0] is None
    assert found.count(None) == 1
    for start in range(3):
        seen, at = set(), start
        while (up := found[at]) is not None:
            assert up not in seen
            seen.add(up)
            at = up
