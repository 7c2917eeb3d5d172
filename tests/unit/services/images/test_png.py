"""Tests of services/images/png.py."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from services.images.png import encode_cutout, encode_png


def decode(png: bytes, flags: int) -> NDArray[np.generic]:
    image = cv2.imdecode(np.frombuffer(png, np.uint8), flags)
    assert image is not None
    return image


def test_a_photograph_is_lossless_and_in_rgb_order() -> None:
    rgb = np.random.default_rng(2).integers(0, 256, (33, 47, 3)).astype(np.uint8)
    np.testing.assert_array_equal(decode(encode_png(rgb), cv2.IMREAD_COLOR)[..., ::-1], rgb)
    assert encode_png(rgb) == encode_png(rgb.copy())


def test_a_mask_is_black_and_white() -> None:
    mask = np.random.default_rng(3).random((21, 35)) < 0.5
    image = decode(encode_png(mask), cv2.IMREAD_UNCHANGED)
    assert image.dtype == np.uint8
    np.testing.assert_array_equal(image, mask * 255)


def test_a_cutout_is_transparent_black_outside_of_the_mask() -> None:
    rng = np.random.default_rng(4)
    rgb, mask = rng.integers(1, 256, (9, 7, 3)).astype(np.uint8), rng.random((9, 7)) < 0.5
    image = decode(encode_cutout(rgb, mask), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(image[..., 3], mask * 255)
    np.testing.assert_array_equal(image[mask][:, 2::-1], rgb[mask])
    assert not image[~mask].any()


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 5), (4,)])
def test_it_refuses_what_it_cannot_write(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"expected uint8 .*, got uint8"):
        encode_png(np.zeros(shape, np.uint8))
