"""Painting of chosen regions."""

import numpy as np

from domain.arrays import Mask
from services.panoptic.explain import Explanations
from services.panoptic.segments import Segment, SegmentIds, paint_segments
from tests.unit.services.analyze.shapes import block, region

STUFF = np.array([False, True])


def paint(*pieces: tuple[Mask, int]) -> tuple[list[Segment], SegmentIds]:
    labels = np.array([label for _, label in pieces], np.int64)
    explained = Explanations(labels, np.ones(len(pieces)), np.eye(3, dtype=np.float32)[labels])
    return paint_segments([region(mask) for mask, _ in pieces], range(len(pieces)), explained, STUFF)


def test_small_regions_lie_on_large_ones() -> None:
    segments, ids = paint((block(40, 20, 10, 10), 0), (block(20, 10, 60, 40), 0))
    assert [segment.region.area for segment in segments] == [100, 2300]
    assert set(ids[block(40, 20, 10, 10)].tolist()) == {1}


def test_what_is_painted_over_is_no_segment() -> None:
    segments, ids = paint((block(20, 10, 60, 40), 0), (block(20, 10, 30, 40), 0), (block(50, 10, 30, 40), 0))
    assert [segment.region.xywh for segment in segments] == [(20, 10, 30, 40), (50, 10, 30, 40)]
    assert np.unique(ids).tolist() == [0, 1, 2]


def test_a_small_gap_goes_to_the_neighbour_with_the_longest_border() -> None:
    ring = block(0, 0, 50, 60) & ~block(49, 30, 1, 2)
    segments, ids = paint((ring, 0), (block(50, 0, 50, 60), 1))
    assert (ids == 0).sum() == 0
    assert segments[0].region.area == 3000
    assert ids[30, 49] == 1


def test_a_large_gap_stays_unexplained() -> None:
    ids = paint((block(0, 0, 50, 60) & ~block(20, 20, 5, 5), 0))[1]
    assert (ids[block(20, 20, 5, 5)] == 0).all()


def test_a_picture_without_any_object_of_size_is_left_alone() -> None:
    assert (paint((block(0, 0, 1, 1), 0))[1] == 1).sum() == 1
