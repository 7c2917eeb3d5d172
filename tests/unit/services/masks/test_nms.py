"""Mask IoU and containment deduplication."""

import numpy as np
import pytest

from services.masks.candidates import intersection_areas, mask_areas, pack_masks
from services.masks.nms import box_nms, greedy_cover, mask_boxes, mask_nms
from tests.unit.services.masks.candidates import shortlist


def squares(*boxes: tuple[int, int, int, int], side: int = 100) -> np.ndarray:
    """Logits [N, side, side] that are positive inside the boxes x0, y0, x1, y1."""
    logits = np.full((len(boxes), side, side), -1, np.int8)
    for index, (x0, y0, x1, y1) in enumerate(boxes):
        logits[index, y0:y1, x0:x1] = 1
    return logits


def test_packed_masks_count_like_masks() -> None:
    bits = pack_masks(squares((0, 0, 10, 10), (5, 5, 20, 20)))
    assert mask_areas(bits).tolist() == [100, 225]
    assert intersection_areas(bits, bits[0]).tolist() == [100, 25]


def test_large_masks_are_thinned() -> None:
    bits = pack_masks(squares((0, 0, 512, 512), side=512))
    assert mask_areas(bits).tolist() == [256 * 256]


@pytest.mark.parametrize(
    ("boxes", "quality", "kept"),
    [
        pytest.param([(0, 0, 50, 50), (60, 60, 90, 90)], [0.5, 0.9], [1, 0], id="apart: both, best first"),
        pytest.param([(0, 0, 50, 50), (0, 0, 50, 49)], [0.5, 0.9], [1], id="nearly equal: the better"),
        pytest.param([(0, 0, 50, 50), (0, 0, 50, 50)], [0.5, 0.5], [0], id="equal in all: the earlier"),
        pytest.param([(0, 0, 50, 50), (0, 0, 50, 36)], [0.9, 0.5], [0], id="contained, close in size"),
        pytest.param([(0, 0, 50, 50), (0, 0, 50, 36)], [0.5, 0.9], [1], id="contains a better one"),
        pytest.param(
            [(0, 0, 50, 50), (0, 0, 20, 20)], [0.9, 0.5], [0, 1], id="a part stays beside its object"
        ),
        pytest.param([(0, 0, 50, 50), (20, 0, 70, 50)], [0.9, 0.5], [0, 1], id="overlap without containment"),
    ],
)
def test_which_masks_stay(boxes: list, quality: list[float], kept: list[int]) -> None:
    found = mask_nms(pack_masks(squares(*boxes)), np.array(quality, np.float32))
    assert found.tolist() == kept


def test_nothing_of_nothing() -> None:
    assert mask_nms(pack_masks(squares()), np.zeros(0, np.float32)).tolist() == []


def test_the_better_of_two_similar_boxes_stays() -> None:
    boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 8], [0, 0, 10, 7], [20, 0, 30, 10]], np.float32)
    quality = np.array([0.5, 0.9, 0.7, 0.95], np.float32)
    assert box_nms(boxes, quality).tolist() == [3, 1]


def test_an_iou_of_just_the_limit_stays_and_ties_go_to_the_earlier() -> None:
    boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 7], [0, 0, 10, 10]], np.float32)
    assert box_nms(boxes, np.ones(3, np.float32)).tolist() == [0, 1]


def test_boxes_without_area_do_no_harm() -> None:
    boxes = np.zeros((2, 4), np.float32)
    assert box_nms(boxes, np.ones(2, np.float32)).tolist() == [0, 1]
    assert box_nms(boxes[:0], np.ones(0, np.float32)).tolist() == []


@pytest.mark.parametrize(
    ("size", "expected"), [((100, 100), [10, 20, 59, 79]), ((200, 100), [20, 20, 119, 79])]
)
def test_boxes_are_those_of_the_full_size_masks(size: tuple[int, int], expected: list[int]) -> None:
    found = shortlist(squares((10, 20, 60, 80)))
    assert mask_boxes(found, *size)[0].tolist() == pytest.approx(expected, abs=1)


def test_boxes_in_large_images_are_measured_small_and_told_large() -> None:
    found = shortlist(squares((10, 20, 60, 80)))
    assert mask_boxes(found, 4000, 4000)[0].tolist() == pytest.approx([400, 800, 2400, 3200], abs=25)


def test_the_picture_is_covered_before_a_place_is_told_twice() -> None:
    left, left_again, right = (0, 0, 50, 100), (0, 0, 45, 100), (60, 0, 100, 100)
    bits = pack_masks(squares(left, left_again, right))
    chosen = greedy_cover(bits, np.array([0.9, 0.88, 0.7], np.float32), 2)
    assert chosen.tolist() == [0, 2]


def test_quality_decides_between_equals() -> None:
    bits = pack_masks(squares((0, 0, 30, 30), (50, 50, 80, 80)))
    assert greedy_cover(bits, np.array([0.5, 0.6], np.float32), 1).tolist() == [1]


def test_all_are_kept_when_there_are_few() -> None:
    bits = pack_masks(squares((0, 0, 30, 30), (50, 50, 80, 80)))
    assert sorted(greedy_cover(bits, np.ones(2, np.float32), 64).tolist()) == [0, 1]
    assert greedy_cover(pack_masks(squares()), np.zeros(0, np.float32), 64).tolist() == []
