"""Tests of services/masks/refine.py."""

import numpy as np
import pytest

from adapters.threads import ThreadWorkerPool
from services.masks.formats import decode_rle
from services.masks.refine import RefineOptions, refine_masks, remove_small_regions, upsample_mask
from tests.unit.services.masks.fakes import cropped, squares

POOL = ThreadWorkerPool(2)
ALL = RefineOptions(min_area=1, max_area=10**9)


def test_a_square_grows_with_the_image() -> None:
    (region,) = refine_masks(cropped(squares((20, 10, 60, 50))), 400, 200, ALL, POOL)
    assert region.xywh == pytest.approx((80, 20, 160, 80), abs=4)
    assert region.area == pytest.approx(160 * 80, rel=0.05)
    assert (region.quality, region.stability) == (0.75, 0.5)
    mask = decode_rle(region.rle)
    assert mask.shape == (200, 400)
    assert mask.sum() == region.area
    assert mask[60, 160]
    assert not mask[60, 300]


def test_upsampling_equals_enlarging_the_whole_frame() -> None:
    import cv2

    rng = np.random.default_rng(3)
    logits = cv2.GaussianBlur(rng.normal(size=(48, 64)).astype(np.float32), (0, 0), 4) - 0.02
    whole = cv2.resize(logits, (640, 480), interpolation=cv2.INTER_LINEAR) > 0
    assert (whole == upsample_mask(logits, 640, 480).T).mean() > 0.99999


def test_a_crop_gives_the_mask_of_the_whole_frame() -> None:
    logits = np.full((30, 40), -3.0, np.float32)
    logits[5:9, 30:] = 2.5
    logits[7, 31] = 0.5
    (region,) = refine_masks(cropped(logits[None]), 333, 211, RefineOptions(1, 10**9, clean=False), POOL)
    assert np.array_equal(decode_rle(region.rle), upsample_mask(logits, 333, 211).T)
    assert region.xywh[0] + region.xywh[2] == 333


@pytest.mark.parametrize(("width", "height"), [(40_000, 64), (64, 40_000), (17, 16), (100, 100)])
def test_any_size_works(width: int, height: int) -> None:
    mask = upsample_mask(squares((0, 0, 100, 50))[0].astype(np.float32), width, height)
    assert mask.shape == (width, height)
    assert mask.mean() == pytest.approx(0.5, abs=0.06)


def test_specks_and_holes_go_and_the_main_part_stays() -> None:
    logits = squares((10, 10, 60, 60))[0]
    logits[30:33, 30:33] = -1
    logits[80:83, 80:83] = 1
    cleaned = remove_small_regions(logits.astype(np.float32)) > 0
    assert cleaned.sum() == 2500
    assert cleaned[31, 31]
    assert not cleaned[81, 81]


def test_large_parts_and_holes_stay() -> None:
    logits = squares((10, 10, 60, 60))[0]
    logits[20:40, 20:40] = -1
    logits[70:90, 70:90] = 1
    assert (remove_small_regions(logits.astype(np.float32)) > 0).sum() == 2500 - 400 + 400


def test_specks_stay_if_asked() -> None:
    logits = squares((10, 10, 60, 60))
    logits[0, 80:83, 80:83] = 1
    areas = [
        [region and region.area for region in refine_masks(cropped(logits), 100, 100, options, POOL)]
        for options in (RefineOptions(1, 10**4, clean) for clean in (True, False))
    ]
    assert areas == [[2500], [2509]]


def test_regions_are_dropped_by_full_size_area() -> None:
    logits = squares((0, 0, 10, 10), (20, 20, 60, 60))
    found = refine_masks(cropped(logits), 200, 200, RefineOptions(1000, 10**5), POOL)
    assert [region and region.area > 1000 for region in found] == [None, True]
    found = refine_masks(cropped(logits), 200, 200, RefineOptions(0, 1000), POOL)
    assert [region and region.area < 1000 for region in found] == [True, None]


def test_an_empty_mask_is_no_region() -> None:
    logits = squares((0, 0, 1, 1), side=256).astype(np.float32)
    logits[0, 0, 0] = 1e-3
    assert refine_masks(cropped(logits), 16, 16, RefineOptions(0, 10**5), POOL) == [None]
