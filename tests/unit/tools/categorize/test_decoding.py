"""Reduced decoding gives the same image as decoding all of it and shrinking the result."""

import io

import numpy as np
import pytest
from PIL import Image
from skimage import data

from domain.arrays import Rgb
from domain.errors import InvalidImage, TooLarge, UnsupportedMedia
from services.images.decode import decode_image
from services.images.limits import ImageLimits
from tools.categorize.decoding import (
    MAX_DECODED_PIXELS,
    THUMBNAIL_SIDE_PIXELS,
    decode_reduced,
    encode_thumbnail,
)

LIMITS = ImageLimits(50_000_000, 50_000_000)


def file_of(rgb: Rgb, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, kind, **options)
    return buffer.getvalue()


def large() -> Rgb:
    cat = Image.fromarray(data.chelsea())
    return np.asarray(cat.resize((cat.width * 5, cat.height * 5), Image.Resampling.LANCZOS))


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_large_photograph_is_shrunk_to_what_it_was(kind: str) -> None:
    file = file_of(large(), kind)
    small = decode_reduced(file, LIMITS)
    height, width = small.shape[:2]
    assert 0.95 * MAX_DECODED_PIXELS < height * width <= MAX_DECODED_PIXELS
    whole = np.asarray(Image.fromarray(decode_image(file)).resize((width, height), Image.Resampling.BOX))
    assert np.abs(whole.astype(int) - small).mean() < 1.5


def test_a_small_photograph_is_as_it_is() -> None:
    file = file_of(data.chelsea(), "JPEG")
    assert np.array_equal(decode_reduced(file, LIMITS), decode_image(file))


def test_orientation_and_other_modes() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = decode_reduced(file_of(large(), "JPEG", exif=exif), LIMITS)
    assert turned.shape[0] > turned.shape[1]
    for mode in ("L", "CMYK"):
        buffer = io.BytesIO()
        Image.fromarray(large()).convert(mode).save(buffer, "JPEG")
        assert decode_reduced(buffer.getvalue(), LIMITS).shape[2] == 3


def test_a_very_long_photograph_stays_within_the_limit() -> None:
    height, width = decode_reduced(file_of(np.zeros((100, 20_000, 3), np.uint8), "PNG"), LIMITS).shape[:2]
    assert height * width <= MAX_DECODED_PIXELS
    assert width / height == pytest.approx(200, rel=0.03)


def test_what_is_refused() -> None:
    file = file_of(large(), "JPEG")
    with pytest.raises(InvalidImage, match="all of its pixels"):
        decode_reduced(file[: len(file) // 2], LIMITS)
    with pytest.raises(UnsupportedMedia, match="text"):
        decode_reduced(b"no image", LIMITS)
    with pytest.raises(TooLarge, match="at most 1,000 pixels"):
        decode_reduced(file, ImageLimits(50_000_000, 1_000))


def test_thumbnails() -> None:
    for shape, size in (((600, 1200, 3), (128, 64)), ((20, 30, 3), (30, 20)), ((1, 5_000, 3), (128, 1))):
        picture = Image.open(io.BytesIO(encode_thumbnail(np.zeros(shape, np.uint8))))
        assert picture.format == "JPEG"
        assert picture.size == size
        assert max(picture.size) <= THUMBNAIL_SIDE_PIXELS
