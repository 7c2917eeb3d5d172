"""What lies in what, what stands on what, how far and in which colours."""

import numpy as np
import pytest

from domain.arrays import Mask, Rgb
from domain.depth import DepthMap
from domain.masks import Region
from domain.text import TextLine
from services.analyze.parents import find_parents
from services.analyze.regions import depth_ranks, line_masks, lines_in_region, region_colors, region_depth
from services.masks.formats import crop_mask, encode_rle

SHAPE = (60, 100)


def region(mask: Mask) -> Region:
    rows, columns = np.nonzero(mask)
    x, y = int(columns.min()), int(rows.min())
    box = (x, y, int(columns.max()) - x + 1, int(rows.max()) - y + 1)
    return Region(encode_rle(mask), box, int(mask.sum()), 0.5, 0.5)


def block(x: int, y: int, w: int, h: int) -> Mask:
    mask = np.zeros(SHAPE, np.bool_)
    mask[y : y + h, x : x + w] = True
    return mask


def within(one: Region) -> Mask:
    return crop_mask(one.rle, one.xywh)


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


def test_depth_is_measured_under_the_mask_only() -> None:
    values = np.tile(np.arange(100, dtype=np.float32), (60, 1))
    mask = block(10, 10, 21, 10) & ~block(10, 10, 10, 10)
    found = region_depth(DepthMap(values, "relative"), region(mask), within(region(mask)))
    assert (found.median, found.min, found.max) == (25.0, 20.0, 30.0)


@pytest.mark.parametrize(("kind", "ranks"), [("relative", [3, 1, 2]), ("metric", [1, 3, 2])])
def test_rank_one_is_the_nearest_whatever_the_unit(kind: str, ranks: list[int]) -> None:
    values = np.zeros(SHAPE, np.float32)
    regions = [region(block(x, 0, 10, 10)) for x in (0, 20, 40)]
    for x, value in ((0, 1.0), (20, 9.0), (40, 5.0)):
        values[:10, x : x + 10] = value
    depth = DepthMap(values, kind)  # type: ignore[arg-type]
    assert depth_ranks(depth, [region_depth(depth, one, within(one)) for one in regions]) == ranks
    assert depth_ranks(depth, []) == []


def test_main_colours_come_with_their_shares() -> None:
    rgb: Rgb = np.zeros((*SHAPE, 3), np.uint8)
    rgb[:, :25], rgb[:, 25:] = (200, 30, 40), (20, 60, 220)
    one = region(block(0, 0, 100, 40))
    found = region_colors(rgb, one, within(one))
    assert [color.hex for color in found] == ["#143cdc", "#c81e28"]
    assert [color.share for color in found] == pytest.approx([0.75, 0.25], abs=0.06)
    assert found == region_colors(rgb, one, within(one))


def test_one_pixel_has_one_colour() -> None:
    rgb: Rgb = np.full((*SHAPE, 3), 255, np.uint8)
    one = region(block(3, 4, 1, 1))
    assert [(color.hex, color.share) for color in region_colors(rgb, one, within(one))] == [("#ffffff", 1.0)]


def line(x: float, y: float, w: float, h: float) -> TextLine:
    return TextLine("text", 0.9, ((x, y), (x + w, y), (x + w, y + h), (x, y + h)))


def test_lines_belong_to_what_covers_most_of_them() -> None:
    sign = block(10, 10, 50, 30)
    sign[15:17, 20:50] = False  # Letters that were cut out.
    lines = line_masks([line(20, 13, 30, 6), line(40, 30, 40, 6), line(70, 50, 20, 6), line(-5, 12, 10, 4)])
    assert lines_in_region(lines, region(sign), within(region(sign))) == (0,)
    whole = region(block(0, 0, 100, 60))
    assert lines_in_region(lines, whole, within(whole)) == (0, 1, 2, 3)


def test_a_line_that_leans_is_measured_between_its_corners() -> None:
    leaning = TextLine("text", 0.9, ((10, 40), (50, 0), (54, 4), (14, 44)))
    corner = region(block(0, 0, 30, 20))
    assert lines_in_region(line_masks([leaning]), corner, within(corner)) == ()
    whole = region(block(0, 0, 60, 50))
    assert lines_in_region(line_masks([leaning]), whole, within(whole)) == (0,)
