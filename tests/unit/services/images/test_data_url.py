"""Tests of services/images/data_url.py."""

import base64
import textwrap

import pytest

from domain.errors import InvalidRequest
from services.images.data_url import decode_base64_image, decode_data_url, image_data_url


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


# Three and four bytes modulo 3, and digits that differ between the two alphabets.
FILES = [bytes(range(length)) + b"\xfb\xff\xfe" for length in (60, 61, 62)]


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize(
    "head",
    [
        "",
        "data:image/png;base64,",
        "DATA:IMAGE/PNG;BASE64,",
        "data:image/svg+xml;charset=utf-8;base64,",
        "data:image/heic ; base64,",
        "data:application/octet-stream;base64,",
        "data:;base64,",
    ],
)
def test_base64_is_read_in_all_its_forms(file: bytes, head: str) -> None:
    standard = base64.b64encode(file).decode()
    forms = [
        standard,
        standard.rstrip("="),
        base64.urlsafe_b64encode(file).decode(),
        base64.urlsafe_b64encode(file).decode().rstrip("="),
        textwrap.fill(standard, 20) + "\r\n",
        f" \t{standard}\n",
    ]
    assert [decode_base64_image(head + form) for form in forms] == [file] * len(forms)
    assert decode_base64_image(f"\n{head}{standard}") == file


def test_base64_of_a_data_url_may_be_percent_encoded() -> None:
    quoted = base64.b64encode(FILES[1]).decode().replace("+", "%2B").replace("/", "%2f").replace("=", "%3D")
    assert "%" in quoted
    assert decode_base64_image(f"data:image/png;base64,{quoted}") == FILES[1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "got no base64"),
        (" \n", "got no base64"),
        ("====", "got no base64"),
        ("data:image/png;base64,", "got no base64"),
        ("AAAAA", "got 5 digits, one too many or too few"),
        ("photo.jpg", "got '.' after 5 digits"),
        ("/tmp/photo.jpg", "got '.' after 10 digits"),
        ("AA==AAAA", "got '=' after 2 digits"),
        ("b'AAAA'", 'got "\'" after 1 digits'),
        ("AAA\u00e4", "got '\u00e4' after 3 digits"),
        ("AAA\ud800", r"got '\?' after 3 digits"),
        ("data:image/png;base64,AAA\ud800", r"got '\?' after 3 digits"),
        ("AA%3D", "got '%' after 2 digits"),
        ("https://example.org/a.png", "got a URL; send it as `image_url`"),
        ("file:///a.png", "got a URL; send it as `image_url`"),
        ("data:image/png,AAAA", "got 'data:image/png,AAAA'"),
        ("data:image/png;base64", "got 'data:image/png;base64'"),
        ("data:text/html;base64,AAAA", "got 'data:text/html;base64,AAAA'"),
        ("data:video/mp4;base64," + "A" * 1000, "got 'data:video/mp4;base64,A"),
    ],
)
def test_other_texts_are_named(text: str, words: str) -> None:
    with pytest.raises(InvalidRequest, match=f"image: expected base64 or data:image/.*{words}") as error:
        decode_base64_image(text)
    assert len(error.value.message) < 150
