"""How a region is shown to the labeller."""

import numpy as np
import pytest

from domain.masks import Region
from services.labels.views import CROP_VIEWS, LOW_RES_MASK_SIDE, low_res_mask
from services.masks.formats import encode_rle


def region(x: int, y: int, w: int, h: int, shape: tuple[int, int] = (100, 200)) -> Region:
    mask = np.zeros(shape, np.bool_)
    mask[y : y + h, x : x + w] = True
    return Region(encode_rle(mask), (x, y, w, h), w * h, 0.5, 0.5)


def test_views() -> None:
    rng = np.random.default_rng(0)
    rgb = rng.integers(0, 255, (100, 200, 3), np.uint8)
    shown = region(50, 40, 20, 10)
    assert CROP_VIEWS["crop"](rgb, shown).shape == (10, 20, 3)
    assert CROP_VIEWS["context"](rgb, shown).shape == pytest.approx((27, 27, 3), abs=1)
    blurred = CROP_VIEWS["blur"](rgb, shown)
    assert blurred.shape == CROP_VIEWS["context"](rgb, shown).shape
    assert blurred[:5].std() < rgb.std() / 4
    inside = CROP_VIEWS["context"](rgb, shown)[10:16, 8:18]
    assert np.array_equal(blurred[10:16, 8:18], inside)


def test_views_stay_inside_the_image() -> None:
    rgb = np.zeros((100, 200, 3), np.uint8)
    for view in CROP_VIEWS.values():
        for shown in (region(0, 0, 1, 1), region(199, 99, 1, 1), region(0, 0, 200, 100)):
            height, width = view(rgb, shown).shape[:2]
            assert 1 <= height <= 100
            assert 1 <= width <= 200


def test_a_small_mask_covers_the_same_part_of_the_photograph() -> None:
    mask = low_res_mask(region(1000, 600, 400, 300, (1200, 2000)))
    assert max(mask.shape) == LOW_RES_MASK_SIDE
    assert mask.mean() == pytest.approx(400 * 300 / (1200 * 2000), rel=0.05)
    rows, columns = np.nonzero(mask)
    assert columns.mean() / mask.shape[1] == pytest.approx(0.6, abs=0.01)
    assert rows.mean() / mask.shape[0] == pytest.approx(0.625, abs=0.01)


@pytest.mark.parametrize("shown", [region(5, 5, 1, 1, (3000, 4000)), region(7, 0, 1, 3000, (3000, 4000))])
def test_a_small_mask_is_never_empty(shown: Region) -> None:
    assert low_res_mask(shown).any()


def test_a_mask_that_is_small_already_stays() -> None:
    mask = low_res_mask(region(3, 4, 10, 20))
    assert mask.shape == (100, 200)
    assert mask.sum() == 200
