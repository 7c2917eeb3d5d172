"""What is kept of examples."""

import numpy as np
import pytest

from domain.errors import InvalidRequest
from services.images.decode import decode
from services.teaching.example_images import digest_of, from_data_url, picture_file, sent_file, to_data_url
from tests.conftest import png_bytes


def test_large_pictures_are_shrunk() -> None:
    rgb = np.zeros((700, 1400, 3), np.uint8)
    rgb[:, 700:] = 200
    file = picture_file(rgb)
    assert decode(file).shape == (160, 320, 3)
    assert picture_file(rgb) == file
    assert np.abs(decode(file)[80, 300].astype(int) - 200).max() < 4


def test_narrow_and_tiny_ones_can_be_imported_again() -> None:
    for shape in ((2000, 20, 3), (3, 5, 3), (16, 320, 3)):
        file = picture_file(np.full(shape, 90, np.uint8))
        height, width, _ = decode(file).shape
        assert min(height, width) >= 16
        assert max(height, width) <= 320


def test_an_exported_file_comes_back_as_it_was() -> None:
    file = picture_file(np.full((400, 300, 3), 90, np.uint8))
    sent = from_data_url(to_data_url(file))
    assert sent_file(decode(sent), sent) == file
    assert digest_of(sent) == digest_of(file)


def test_a_large_file_is_written_anew() -> None:
    rgb = np.full((400, 300, 3), 90, np.uint8)
    assert sent_file(rgb, png_bytes(rgb)) == picture_file(rgb)
    small = rgb[:64, :64]
    assert sent_file(small, png_bytes(small)) == png_bytes(small)
    assert to_data_url(png_bytes(small)).startswith("data:image/png;base64,")


@pytest.mark.parametrize(
    "text", ["", "abc", "data:text/plain;base64,AAAA", "data:image/png,AA", "data:image/png;base64,?"]
)
def test_what_is_no_data_url(text: str) -> None:
    with pytest.raises(InvalidRequest, match="image: expected"):
        from_data_url(text)
