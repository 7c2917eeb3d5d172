"""A form is read whole, whatever its files are called; a part that cannot be understood is an error."""

import io
from itertools import product

import pytest

from api.http.form_parser import StrictFormParser
from domain.errors import MalformedRequest, TooLarge

DATA = b"\x89PNG\r\n\x1a\n--fron\r\n--\0\xff"
"""Bytes that look like line ends and like parts of the boundary."""


def parse(body: bytes, boundary: str | None = "frontier", memory: int = 1000, parts: int = 10):
    parser = StrictFormParser(lambda *_: io.BytesIO(), max_form_memory_size=memory, max_form_parts=parts)
    options = {} if boundary is None else {"boundary": boundary}
    _, texts, files = parser.parse(io.BytesIO(body), "multipart/form-data", len(body), options)
    return texts, files


def part(head: bytes, data: bytes = DATA, end: bytes = b"\r\n") -> bytes:
    return end.join([b"--frontier", b"Content-Disposition: form-data; " + head, b"", data, b""])


def form(*parts: bytes, end: bytes = b"\r\n") -> bytes:
    return b"".join(parts) + b"--frontier--" + end


NAMES = [
    "photo.jpg",
    "café.jpg",
    "写真.jpg",
    "表.jpg",
    "ソ能.jpg",
    "фото.jpg",
    "图片.jpg",
    "사진.jpg",
    "a b;c=d.jpg",
    "x" * 10_000,
]
ENCODINGS = [
    "utf-8",
    "latin-1",
    "cp1252",
    "shift_jis",
    "cp1251",
    "gbk",
    "big5",
    "euc-kr",
    "euc-jp",
    "mac-roman",
]


def encodable(name: str, encoding: str) -> bool:
    try:
        name.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


@pytest.mark.parametrize(
    ("name", "encoding"), [pair for pair in product(NAMES, ENCODINGS) if encodable(*pair)]
)
@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_a_file_is_kept_whatever_its_name_is_encoded_in(name: str, encoding: str, end: bytes) -> None:
    raw = name.encode(encoding)
    head = b'name="image"; filename="' + raw + b'"'
    texts, files = parse(form(part(head, end=end), part(b'name="top_k"', b"3", end), end=end), memory=20_000)
    (file,) = files.getlist("image")
    assert file.read() == DATA
    assert texts["top_k"] == "3"
    assert file.filename is not None
    file.filename.encode()
    try:
        expected = raw.decode()
    except UnicodeDecodeError:
        expected = raw.decode("latin-1")
    assert file.filename == expected


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"name=image; filename=a.jpg", "a.jpg"),
        (b'name="image"; filename=""', ""),
        (b"name=\"image\"; filename*=UTF-8''%e7%8c%ab.jpg", "猫.jpg"),
        (b"name=\"image\"; filename*=ISO-8859-1''caf%e9.jpg", "café.jpg"),
        (b"name=\"image\"; filename=a.jpg; filename*=utf-8''b.jpg", "b.jpg"),
        (b'name="image"; filename="a\\"b.jpg"', 'a"b.jpg'),
        (b'name="image"; filename="a%22b.jpg"', 'a"b.jpg'),
        (b'name="image"; filename="/etc/../passwd"', "/etc/../passwd"),
        (b'name="image"; filename="C:\\dir\\photo.jpg"', "C:\\dir\\photo.jpg"),
        (b'name="image";\r\n filename="folded.jpg"', "folded.jpg"),
    ],
)
def test_names_as_clients_write_them(head: bytes, name: str) -> None:
    _, files = parse(form(part(head)))
    (file,) = files.getlist("image")
    assert (file.filename, file.read()) == (name, DATA)


@pytest.mark.parametrize(
    ("kind", "data", "text"),
    [
        (b"", "café, 猫".encode(), "café, 猫"),
        (b"", b"\xef\xbb\xbfcat", "cat"),
        (b"text/plain; charset=utf-8", "café".encode(), "café"),
        (b"text/plain; charset=ISO-8859-1", b"caf\xe9", "café"),
        (b"text/plain; charset=shift_jis", "猫".encode("shift_jis"), "猫"),
        (b"text/plain", b"", ""),
    ],
)
def test_text_is_read_in_the_charset_of_its_part(kind: bytes, data: bytes, text: str) -> None:
    head = b'name="labels"' + (b"\r\nContent-Type: " + kind if kind else b"")
    texts, _ = parse(form(part(head, data)))
    assert texts["labels"] == text


WELL = part(b'name="image"; filename="a"')


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "an empty body"),
        (b'{"file_id": "x"}', 'begins with \'{"file_id": "x"}\''),
        (WELL.replace(b"frontier", b"other") + b"--other--\r\n", "line --frontier"),
        (WELL, "ends with the line --frontier--"),
        (WELL[:-20], "ends with the line --frontier--"),
        (WELL + b"--frontier\r\nContent-Disposition: form-data", "empty line after the headers"),
        (b"--frontier\r\nContent-Type: image/png\r\n\r\nx\r\n--frontier--\r\n", "Content-Disposition"),
        (form(part(b'filename="a.jpg"')), "name=..."),
        (form(part(b'name="image"; filename="a.jpg')), 'filename="a.jpg'),
        (form(part(b'name="labels"', b"caf\xe9")), "labels: expected text in utf-8, got b'caf\\xe9'"),
        (form(part(b'name="labels"\r\nContent-Type: text/plain; charset=klingon', b"x")), "klingon"),
        (form(part(b'name="labels"\r\nContent-Type: text/plain; charset=us-ascii', b"\xe9")), "us-ascii"),
        (form(part(b'name="labels"\r\nContent-Transfer-Encoding: base64', b"Y2F0")), "base64"),
        (form(part(b'name="image"; filename="a"\r\nContent-Transfer-Encoding: quoted-printable')), "quoted"),
    ],
)
def test_what_is_malformed_is_said(body: bytes, words: str) -> None:
    with pytest.raises(MalformedRequest) as caught:
        parse(body)
    assert words in caught.value.message


def test_a_form_without_a_boundary_is_told_of_it() -> None:
    with pytest.raises(MalformedRequest, match="expected a boundary"):
        parse(form(WELL), boundary=None)


def test_an_endless_head_or_preamble_is_not_kept() -> None:
    for body in (b"x" * 300_000, b"--frontier\r\nX: " + b"x" * 300_000):
        with pytest.raises(MalformedRequest, match="expected"):
            parse(body)


def test_limits_of_text_and_of_parts_are_named() -> None:
    with pytest.raises(TooLarge, match=r"image: .* text field of at most 1,000 bytes, .*-F NAME=@FILE"):
        parse(form(part(b'name="image"', b"x" * 200_000)))
    with pytest.raises(TooLarge, match="at most 10 parts"):
        parse(form(*[part(b'name="labels"', b"x")] * 11))
    texts, _ = parse(form(*[part(b'name="labels"', b"x")] * 10))
    assert len(texts.getlist("labels")) == 10
