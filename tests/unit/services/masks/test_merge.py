"""Tests of services/masks/merge.py."""

import cv2
import numpy as np
import pytest

from domain.arrays import Mask
from domain.masks import Region
from services.masks.candidates import pack_masks
from services.masks.formats import decode_rle, encode_rle
from services.masks.merge import CropRegions, region_boxes, region_nms
from services.masks.nms import mask_nms

WIDTH, HEIGHT = 700, 520


def _region(mask: Mask, quality: float = 0.5) -> Region:
    x, y, width, height = cv2.boundingRect(mask.astype(np.uint8))
    return Region(encode_rle(mask), (x, y, width, height), int(mask.sum()), quality, 1.0)


def _box_region(x0: int, y0: int, x1: int, y1: int, quality: float = 0.5) -> Region:
    mask = np.zeros((HEIGHT, WIDTH), np.bool_)
    mask[y0:y1, x0:x1] = True
    return _region(mask, quality)


def _blobs(count: int, height: int, width: int) -> list[Mask]:
    random = np.random.default_rng(3)
    noise = [cv2.GaussianBlur(random.normal(size=(height, width)), (0, 0), 9) for _ in range(count)]
    return [each > 0.01 for each in noise]


def test_regions_of_a_crop_get_their_place_in_the_image() -> None:
    found = CropRegions(WIDTH, HEIGHT)
    blobs = _blobs(3, 220, 260)
    found.add([_region(blob) for blob in blobs], 440, 300, 1)
    placed = found.select("none", 10)
    assert len(placed) == 3
    for region, blob in zip(placed, blobs, strict=True):
        expected = np.zeros((HEIGHT, WIDTH), np.bool_)
        expected[300:520, 440:700] = blob
        assert (decode_rle(region.rle) == expected).all()
        assert region == _region(expected)


def test_the_rule_is_that_of_the_nms_of_one_image() -> None:
    masks = []
    for blob in _blobs(6, HEIGHT, WIDTH):
        masks += [blob, np.roll(blob, 2, axis=0), np.roll(blob, 14, axis=1), blob & np.roll(blob, 4, axis=1)]
    quality = np.random.default_rng(1).permutation(np.linspace(0.3, 0.9, len(masks))).astype(np.float32)
    # Packed masks of at most 256 pixels a side are whole, so both measure the same.
    small = [np.ascontiguousarray(mask[:256, :256]) for mask in masks]
    expected = mask_nms(pack_masks(np.array(small)), quality).tolist()
    assert region_nms([_region(mask) for mask in small], quality).tolist() == expected
    assert 6 < len(expected) < len(masks)


def test_the_smaller_crop_is_preferred_and_then_the_better_mask() -> None:
    found = CropRegions(WIDTH, HEIGHT)
    found.add([_box_region(10, 10, 110, 110, 0.9), _box_region(300, 300, 400, 400, 0.4)], 0, 0, 0)
    found.add([_box_region(10, 10, 110, 106, 0.5), _box_region(300, 300, 396, 400, 0.3)], 0, 0, 1)
    found.add([_box_region(12, 10, 110, 110, 0.6)], 0, 0, 1)
    assert sorted(region.quality for region in found.select("mask", 10)) == [0.3, 0.6]
    assert sorted(region.quality for region in found.select("box", 10)) == [0.3, 0.6]
    assert [region.quality for region in found.select("none", 3)] == [0.9, 0.6, 0.5]


def test_the_answer_covers_the_image_and_is_limited() -> None:
    found = CropRegions(WIDTH, HEIGHT)
    found.add([_box_region(0, 0, 20, 20, 0.9), _box_region(100, 100, 500, 500, 0.6)], 0, 0, 0)
    found.add([_box_region(0, 0, 90, 90, 0.8)], 600, 400, 1)
    assert [region.quality for region in found.select("mask", 2)] == [0.6, 0.8]
    assert [region.quality for region in found.select("box", 2)] == [0.9, 0.8]


@pytest.mark.parametrize("deduplication", ["mask", "box", "none"])
def test_nothing_found_answers_nothing(deduplication: str) -> None:
    assert CropRegions(WIDTH, HEIGHT).select(deduplication, 10) == []  # type: ignore[arg-type]


def test_a_region_between_the_samples_is_kept() -> None:
    found = CropRegions(9000, 9000)
    mask = np.zeros((50, 50), np.bool_)
    mask[20:24, 30:33] = True
    found.add([_region(mask)], 8000, 100, 2)
    (region,) = found.select("mask", 10)
    assert (region.xywh, region.area, region.rle.width) == ((8030, 120, 3, 4), 12, 9000)


def test_boxes_have_exclusive_ends() -> None:
    assert region_boxes([_box_region(3, 5, 10, 25)]).tolist() == [[3, 5, 10, 25]]
    assert region_boxes([]).shape == (0, 4)
