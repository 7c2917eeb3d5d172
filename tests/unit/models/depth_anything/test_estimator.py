"""What the Depth Anything adapter does around a network whose answers are known."""

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from domain.arrays import Floats, Rgb
from domain.models import ModelInfo
from models.depth_anything.estimator import (
    MAX_LONGER_SIDE_PX,
    PATCH_SIZE_PX,
    DepthAnythingEstimator,
    depth_input_size,
    preprocess_for_depth_anything,
    upsample_align_corners,
)

INFO = ModelInfo("net", "0" * 64)


class Net:
    """Answers the first channel."""

    def inverse_depth(self, pixels: Floats) -> Floats:
        assert pixels.dtype == np.float32
        assert pixels.shape[:2] == (1, 3)
        return pixels[0, 0]


def picture(height: int, width: int, seed: int = 0) -> Rgb:
    return np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)


@pytest.mark.parametrize(
    ("photograph", "expected"),
    [
        ((518, 518), (518, 518)),
        ((480, 640), (518, 686)),
        ((3024, 4032), (518, 686)),
        ((640, 480), (686, 518)),
        ((400, 600), (518, 784)),
        ((1080, 1920), (518, 924)),
        ((200, 300), (518, 784)),
        ((1000, 2000), (518, 1036)),
    ],
)
def test_the_shorter_side_becomes_518(photograph: tuple[int, int], expected: tuple[int, int]) -> None:
    assert depth_input_size(*photograph) == expected


@pytest.mark.parametrize(
    ("photograph", "expected"),
    [
        ((1000, 4000), (252, 1036)),
        ((9000, 2000), (1036, 224)),
        ((16, 8000), (14, 1036)),
        ((1, 1), (518, 518)),
    ],
)
def test_the_longer_side_is_limited(photograph: tuple[int, int], expected: tuple[int, int]) -> None:
    assert depth_input_size(*photograph) == expected


def test_sizes_are_bounded_multiples_of_the_patch() -> None:
    rng = np.random.default_rng(0)
    for height, width in np.exp(rng.uniform(0, np.log(20_000), (500, 2))).astype(int) + 1:
        rows, columns = depth_input_size(int(height), int(width))
        assert rows % PATCH_SIZE_PX == columns % PATCH_SIZE_PX == 0
        assert PATCH_SIZE_PX <= min(rows, columns) <= max(rows, columns) <= MAX_LONGER_SIDE_PX


def test_pixels_are_resized_cubic_and_normalised() -> None:
    rgb = picture(300, 400)
    resized = cv2.resize(rgb / 255.0, (686, 518), interpolation=cv2.INTER_CUBIC)
    expected = (resized - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    pixels = preprocess_for_depth_anything(rgb)
    assert pixels.shape == (1, 3, 518, 686)
    np.testing.assert_allclose(pixels[0].transpose(1, 2, 0), expected, atol=5e-4)


@pytest.mark.parametrize("shape", [(1, 1), (16, 16), (16, 4000), (4000, 16), (33, 47), (700, 900)])
def test_any_size_is_answered_in_its_own_size(shape: tuple[int, int]) -> None:
    found = DepthAnythingEstimator(INFO, Net()).estimate(picture(*shape))
    assert found.kind == "relative"
    assert found.values.shape == shape
    assert found.values.dtype == np.float32


def test_an_answer_depends_on_its_picture_alone() -> None:
    estimator = DepthAnythingEstimator(INFO, Net())
    pictures = [picture(60 + 20 * n, 130 - 10 * n, n) for n in range(4)]
    before = [rgb.copy() for rgb in pictures]
    alone = [estimator.estimate(rgb).values for rgb in pictures]
    with ThreadPoolExecutor(4) as pool:
        together = [found.values for found in pool.map(estimator.estimate, pictures * 2)]
    for number, values in enumerate(together):
        np.testing.assert_array_equal(values, alone[number % len(pictures)])
    for rgb, copy in zip(pictures, before, strict=True):
        np.testing.assert_array_equal(rgb, copy)


def test_other_arrays_are_refused() -> None:
    with pytest.raises(ValueError, match="expected rgb"):
        DepthAnythingEstimator(INFO, Net()).estimate(np.zeros((20, 20), np.uint8))


def test_enlarging_puts_corners_on_corners() -> None:
    small = np.array([[0.0, 2.0, 4.0], [3.0, 5.0, 7.0]], np.float32)
    expected = np.add.outer(np.arange(4), np.arange(9) * 0.5)
    np.testing.assert_allclose(upsample_align_corners(small, 4, 9), expected, atol=1e-6)
    np.testing.assert_array_equal(upsample_align_corners(small, 2, 3), small)
    np.testing.assert_array_equal(upsample_align_corners(small[:1, :1], 3, 2), np.zeros((3, 2)))


def test_a_map_can_be_made_smaller_too() -> None:
    small = np.random.default_rng(0).random((40, 50), np.float32)
    column = np.interp(np.linspace(0, 39, 7), np.arange(40), small[:, 0])
    np.testing.assert_allclose(upsample_align_corners(small, 7, 1)[:, 0], column, atol=1e-6)
