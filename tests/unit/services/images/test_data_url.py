"""Tests of services/images/data_url.py."""

import pytest

from domain.errors import InvalidRequest
from services.images.data_url import decode_data_url, image_data_url


@pytest.mark.parametrize(("file", "head"), [(b"\x89PNG\r\n\x1a\n...", "png"), (b"\xff\xd8\xff...", "jpeg")])
def test_files_come_back_from_their_data_url(file: bytes, head: str) -> None:
    url = image_data_url(file)
    assert url.startswith(f"data:image/{head};base64,")
    assert decode_data_url(url) == file


@pytest.mark.parametrize(
    "text", ["", "abc", "data:text/plain;base64,AAAA", "data:image/png,AA", "data:image/png;base64,?"]
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="image: expected"):
        decode_data_url(text)
