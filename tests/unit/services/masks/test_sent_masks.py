"""Tests of masks as callers send them."""

import base64
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from services.masks import sent_masks
from services.masks.formats import decode_rle, encode_rle
from services.masks.sent_masks import rle_of_counts, rle_of_png


def data_url(image: Image.Image) -> str:
    file = BytesIO()
    image.save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def test_both_kinds_of_counts_are_one_mask() -> None:
    mask = np.zeros((3, 4), np.bool_)
    mask[1:, 1] = True
    assert rle_of_counts(3, 4, [4, 2, 6]) == rle_of_counts(3, 4, encode_rle(mask).counts) == encode_rle(mask)
    assert decode_rle(rle_of_counts(3, 4, [0, 12])).all()


def test_a_palette_is_read_by_its_colours_and_transparency() -> None:
    image = Image.new("P", (4, 3), 0)
    image.putpalette([0, 0, 0, 200, 0, 0, 0, 0, 250])
    image.putpixel((1, 1), 1)
    image.putpixel((2, 1), 2)
    assert np.argwhere(decode_rle(rle_of_png(data_url(image)))).tolist() == [[1, 1], [1, 2]]
    image.info["transparency"] = 2
    assert np.argwhere(decode_rle(rle_of_png(data_url(image)))).tolist() == [[1, 1]]


def test_white_that_is_transparent_is_off_the_mask() -> None:
    image = Image.new("RGBA", (4, 3), (255, 255, 255, 0))
    image.putpixel((3, 2), (255, 255, 255, 9))
    assert np.argwhere(decode_rle(rle_of_png(data_url(image)))).tolist() == [[2, 3]]


def _huge_png(width: int, height: int) -> str:
    """Return a PNG file whose header announces a size for which its few bytes are too few."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return len(data).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([1, 0, 0, 0, 0])
    file = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"0"))
        + chunk(b"IEND", b"")
    )
    return f"data:image/png;base64,{base64.b64encode(file).decode()}"


def test_the_size_is_checked_before_a_pixel_is_decoded() -> None:
    with pytest.raises(ValueError, match="at most 100,000,000 pixels, not 100000 x 100000"):
        rle_of_png(_huge_png(100_000, 100_000))


def test_one_png_mask_exists_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    held = []
    monkeypatch.setattr(
        sent_masks,
        "_pixels_on_mask",
        lambda _: held.append(sent_masks._decoding.locked()) or np.ones((2, 2), np.bool_),
    )
    rle_of_png(data_url(Image.new("L", (2, 2), 9)))
    assert held == [True]


def test_too_many_run_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="1 to 2000000 run lengths"):
        rle_of_counts(2000, 2000, [1] * 2_000_001)
