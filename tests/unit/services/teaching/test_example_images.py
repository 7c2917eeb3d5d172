"""What is kept of examples."""

import numpy as np
import pytest

from domain.errors import InvalidRequest
from services.images.decode import decode_image
from services.teaching.example_images import (
    decode_data_url,
    encode_example,
    example_file,
    image_data_url,
    image_digest,
)
from tests.conftest import png_bytes


def test_large_pictures_are_shrunk() -> None:
    rgb = np.zeros((700, 1400, 3), np.uint8)
    rgb[:, 700:] = 200
    file = encode_example(rgb)
    assert decode_image(file).shape == (160, 320, 3)
    assert encode_example(rgb) == file
    assert np.abs(decode_image(file)[80, 300].astype(int) - 200).max() < 4


def test_narrow_and_tiny_ones_can_be_imported_again() -> None:
    for shape in ((2000, 20, 3), (3, 5, 3), (16, 320, 3)):
        file = encode_example(np.full(shape, 90, np.uint8))
        height, width, _ = decode_image(file).shape
        assert min(height, width) >= 16
        assert max(height, width) <= 320


def test_an_exported_file_comes_back_as_it_was() -> None:
    file = encode_example(np.full((400, 300, 3), 90, np.uint8))
    sent = decode_data_url(image_data_url(file))
    assert example_file(decode_image(sent), sent) == file
    assert image_digest(sent) == image_digest(file)


def test_a_large_file_is_written_anew() -> None:
    rgb = np.full((400, 300, 3), 90, np.uint8)
    assert example_file(rgb, png_bytes(rgb)) == encode_example(rgb)
    small = rgb[:64, :64]
    assert example_file(small, png_bytes(small)) == png_bytes(small)
    assert image_data_url(png_bytes(small)).startswith("data:image/png;base64,")


@pytest.mark.parametrize(
    "text", ["", "abc", "data:text/plain;base64,AAAA", "data:image/png,AA", "data:image/png;base64,?"]
)
def test_what_is_no_data_url(text: str) -> None:
    with pytest.raises(InvalidRequest, match="image: expected"):
        decode_data_url(text)
