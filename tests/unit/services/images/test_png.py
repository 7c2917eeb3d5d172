"""PNG files and data URLs."""

import base64

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from services.images.png import encode_png, png_data_url


def decode(url: str, flags: int) -> NDArray[np.generic]:
    head, _, body = url.partition(",")
    assert head == "data:image/png;base64"
    image = cv2.imdecode(np.frombuffer(base64.b64decode(body, validate=True), np.uint8), flags)
    assert image is not None
    return image


def test_a_photograph_is_lossless_and_in_rgb_order() -> None:
    rgb = np.random.default_rng(2).integers(0, 256, (33, 47, 3)).astype(np.uint8)
    np.testing.assert_array_equal(decode(png_data_url(encode_png(rgb)), cv2.IMREAD_COLOR)[..., ::-1], rgb)
    assert encode_png(rgb) == encode_png(rgb.copy())


def test_a_mask_is_black_and_white() -> None:
    mask = np.random.default_rng(3).random((21, 35)) < 0.5
    image = decode(png_data_url(encode_png(mask)), cv2.IMREAD_UNCHANGED)
    assert image.dtype == np.uint8
    np.testing.assert_array_equal(image, mask * 255)


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 4), (4,)])
def test_it_refuses_what_it_cannot_write(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"expected uint8 .*, got uint8"):
        encode_png(np.zeros(shape, np.uint8))
