"""Tests of services/masks/formats.py."""

import numpy as np
import pytest

from domain.arrays import Mask
from services.masks.formats import (
    Polygon,
    Ring,
    decode_rle,
    encode_placed_rle,
    encode_rle,
    mask_polygons,
    rle_area,
)


def refill(found: list[Polygon], shape: tuple[int, int]) -> Mask:
    """Pixels whose centre lies inside, by the even-odd rule along each row."""
    crossings = np.zeros((shape[0], shape[1] + 1), np.int64)
    for ring in [ring for polygon in found for ring in (polygon.exterior, *polygon.holes)]:
        for (x0, y0), (x1, y1) in zip(ring, ring[1:] + ring[:1], strict=True):
            assert (x0 == x1) != (y0 == y1)
            if x0 == x1:
                crossings[min(y0, y1) : max(y0, y1), x0] += 1
    inside: Mask = np.cumsum(crossings, axis=1)[:, :-1] % 2 == 1
    return inside


def random_masks(count: int) -> list[Mask]:
    rng = np.random.default_rng(0)
    sizes = rng.integers(1, 16, (count, 2))
    return [rng.random((height, width)) < rng.random() for height, width in sizes]


def ring_area(ring: Ring) -> float:
    points = np.array(ring)
    following = np.roll(points, -1, axis=0)
    return abs(float(np.sum(points[:, 0] * following[:, 1] - points[:, 1] * following[:, 0]))) / 2


@pytest.mark.parametrize("mask", random_masks(20))
def test_rle_gives_the_mask_back(mask: Mask) -> None:
    rle = encode_rle(mask)
    assert (rle.height, rle.width) == mask.shape
    assert rle_area(rle) == mask.sum()
    again = decode_rle(rle)
    assert again.dtype == np.bool_
    np.testing.assert_array_equal(again, mask)


def test_rle_reads_masks_in_any_memory_order() -> None:
    mask = np.random.default_rng(1).random((30, 40)) < 0.5
    assert encode_rle(np.asfortranarray(mask)) == encode_rle(mask)
    assert encode_rle(mask[::2, ::2]) == encode_rle(mask[::2, ::2].copy())


@pytest.mark.parametrize("mask", random_masks(200))
def test_filling_polygons_gives_exactly_the_mask(mask: Mask) -> None:
    np.testing.assert_array_equal(refill(mask_polygons(mask), mask.shape), mask)


def test_polygon_of_a_rectangle_with_a_hole_runs_along_pixel_edges() -> None:
    mask = np.zeros((10, 12), np.bool_)
    mask[2:8, 3:11] = True
    mask[4:6, 5:8] = False
    (polygon,) = mask_polygons(mask)
    assert sorted(polygon.exterior) == [[3, 2], [3, 8], [11, 2], [11, 8]]
    (hole,) = polygon.holes
    assert sorted(hole) == [[5, 4], [5, 6], [8, 4], [8, 6]]
    assert ring_area(polygon.exterior) - ring_area(hole) == mask.sum()


def test_every_part_is_kept_and_owns_its_holes() -> None:
    mask = np.zeros((20, 40), np.bool_)
    mask[1:19, 1:19] = True
    mask[3:17, 3:17] = False
    mask[8:12, 8:12] = True  # an island in the hole is a part of its own
    mask[5, 30] = True
    found = sorted(mask_polygons(mask), key=lambda polygon: ring_area(polygon.exterior))
    assert [(ring_area(p.exterior), len(p.holes)) for p in found] == [(1.0, 0), (16.0, 0), (324.0, 1)]
    assert sorted(found[0].exterior) == [[30, 5], [30, 6], [31, 5], [31, 6]]


def test_no_mask_has_no_polygons() -> None:
    assert mask_polygons(np.zeros((4, 5), np.bool_)) == []


def test_polygons_hold_plain_ints() -> None:
    (polygon,) = mask_polygons(np.ones((3, 4), np.bool_))
    assert {type(value) for point in polygon.exterior for value in point} == {int}


@pytest.mark.parametrize("mask", [*random_masks(20), np.ones((4, 3), np.bool_), np.zeros((4, 3), np.bool_)])
@pytest.mark.parametrize("margins", [(0, 0, 0, 0), (3, 0, 2, 0), (0, 4, 0, 1), (2, 5, 3, 1)])
def test_a_placed_mask_has_the_code_of_the_whole_image(
    mask: Mask, margins: tuple[int, int, int, int]
) -> None:
    left, top, right, bottom = margins
    whole = np.pad(mask, ((top, bottom), (left, right)))
    placed = encode_placed_rle(mask, left, top, whole.shape[1], whole.shape[0])
    assert placed == encode_rle(whole)
