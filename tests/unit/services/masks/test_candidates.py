"""Tests of services/masks/candidates.py."""

import numpy as np

from services.masks.candidates import intersection_areas, mask_areas, pack_masks
from tests.unit.services.masks.fakes import cropped, squares


def test_packed_masks_count_like_masks() -> None:
    bits = pack_masks(squares((0, 0, 10, 10), (5, 5, 20, 20)))
    assert mask_areas(bits).tolist() == [100, 225]
    assert intersection_areas(bits, bits[0]).tolist() == [100, 25]


def test_large_masks_are_thinned() -> None:
    bits = pack_masks(squares((0, 0, 512, 512), side=512))
    assert mask_areas(bits).tolist() == [256 * 256]


def test_what_is_kept_is_the_mask_with_a_margin() -> None:
    logits = squares((3, 5, 9, 20), (0, 0, 100, 100))
    found = cropped(logits)
    assert [crop.shape for crop in found.crops] == [(17, 8), (100, 100)]
    assert found.corners.tolist() == [[4, 2], [0, 0]]
    assert np.array_equal(found.crops[0], logits[0, 4:21, 2:10])
    assert found.limit_bytes(found.crops[0].nbytes + found.bits[0].nbytes).keys == found.keys[:1]


def test_boxes_are_those_of_the_masks() -> None:
    boxes = cropped(squares((3, 5, 9, 20), (0, 0, 100, 100), (99, 40, 100, 41))).boxes
    assert (boxes * 100).round(9).tolist() == [[3, 5, 9, 20], [0, 0, 100, 100], [99, 40, 100, 41]]
    assert cropped(squares()).boxes.shape == (0, 4)
