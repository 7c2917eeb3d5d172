"""SAM's box deduplication, and the boxes it works on."""

import numpy as np
import pytest

from services.masks.box_nms import distinct_boxes
from services.masks.mask_boxes import mask_boxes
from tests.unit.services.masks.candidates import shortlist
from tests.unit.services.masks.test_nms import squares


def test_the_better_of_two_similar_boxes_stays() -> None:
    boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 8], [0, 0, 10, 7], [20, 0, 30, 10]], np.float32)
    quality = np.array([0.5, 0.9, 0.7, 0.95], np.float32)
    assert distinct_boxes(boxes, quality).tolist() == [3, 1]


def test_an_iou_of_just_the_limit_stays_and_ties_go_to_the_earlier() -> None:
    boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 7], [0, 0, 10, 10]], np.float32)
    assert distinct_boxes(boxes, np.ones(3, np.float32)).tolist() == [0, 1]


def test_boxes_without_area_do_no_harm() -> None:
    boxes = np.zeros((2, 4), np.float32)
    assert distinct_boxes(boxes, np.ones(2, np.float32)).tolist() == [0, 1]
    assert distinct_boxes(boxes[:0], np.ones(0, np.float32)).tolist() == []


@pytest.mark.parametrize(
    ("size", "expected"), [((100, 100), [10, 20, 59, 79]), ((200, 100), [20, 20, 119, 79])]
)
def test_boxes_are_those_of_the_full_size_masks(size: tuple[int, int], expected: list[int]) -> None:
    found = shortlist(squares((10, 20, 60, 80)))
    assert mask_boxes(found, *size)[0].tolist() == pytest.approx(expected, abs=1)


def test_boxes_in_large_images_are_measured_small_and_told_large() -> None:
    found = shortlist(squares((10, 20, 60, 80)))
    assert mask_boxes(found, 4000, 4000)[0].tolist() == pytest.approx([400, 800, 2400, 3200], abs=25)
