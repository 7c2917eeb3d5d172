"""Tests of services/images/readers.py: the container is what it says, for every format and its kinds."""

import io
import struct
import zlib
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageOps, PngImagePlugin

from domain.arrays import Rgb
from domain.errors import InvalidImage, UnsupportedMedia
from services.images.decode import decode_image
from services.images.formats import FORMAT_SUFFIXES, IMAGE_SUFFIXES
from services.images.limits import ImageLimits
from services.images.png_chunks import MAX_METADATA_BYTES
from services.images.readers import image_format, page_count

WIDTH, HEIGHT = 48, 32
LIMITS = ImageLimits(max_bytes=2_000_000_000, max_pixels=4_000_000)
TOLERANCE = {"JPEG": 4, "HEIF": 5, "AVIF": 5, "GIF": 60}


@pytest.fixture(scope="module")
def rgb() -> Rgb:
    """A gradient without symmetry, whose corners are far apart in colour."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    return np.stack([x * 5, y * 7, 250 - x - 2 * y], -1).astype(np.uint8)


def encode(rgb: Rgb, name: str, more: list[Rgb] | None = None, **options: Any) -> bytes:
    """Return the pixels, and those of further pages, as a file of a format."""
    first, *rest = (Image.fromarray(each) for each in [rgb, *(more or [])])
    buffer = io.BytesIO()
    if name == "HEIF":
        heif = pillow_heif.from_pillow(first)
        for page in rest:
            heif.add_from_pillow(page)
        heif.save(buffer, quality=-1, chroma=444, **options)
        return buffer.getvalue()
    best = {
        "JPEG": {"quality": 98, "subsampling": 0},
        "WEBP": {"lossless": True},
        "AVIF": {"quality": 98, "subsampling": "4:4:4"},
    }
    several = {"save_all": True, "append_images": rest} if rest else {}
    first.save(buffer, name, **best.get(name, {}), **several, **options)
    return buffer.getvalue()


def assert_shows(data: bytes, rgb: Rgb, tolerance: int) -> None:
    shown = decode_image(data, LIMITS)
    assert shown.shape == rgb.shape
    assert np.abs(shown.astype(int) - rgb).max() <= tolerance


@pytest.mark.parametrize("name", FORMAT_SUFFIXES)
def test_every_format_is_read_and_named(name: str, rgb: Rgb) -> None:
    data = encode(rgb, name)
    assert image_format(data) == name
    assert page_count(data) == 1
    assert_shows(data, rgb, TOLERANCE.get(name, 0))


@pytest.mark.parametrize(("name", "orientation"), [*product(["HEIF", "AVIF"], range(1, 9))])
def test_the_orientation_of_iso_media_is_applied_once(name: str, orientation: int, rgb: Rgb) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = Image.fromarray(rgb)
    turned.info["exif"] = exif.tobytes()
    turned.getexif()[0x0112] = orientation
    upright = np.asarray(ImageOps.exif_transpose(turned))
    assert_shows(encode(rgb, name, exif=exif.tobytes()), upright, TOLERANCE[name])


@pytest.mark.parametrize("name", ["TIFF", "GIF", "PNG", "WEBP", "HEIF", "AVIF"])
def test_the_first_page_is_read_and_the_pages_are_counted(name: str, rgb: Rgb) -> None:
    data = encode(rgb, name, [255 - rgb, rgb // 2])
    assert page_count(data) == 3
    assert_shows(data, rgb, TOLERANCE.get(name, 0))


def test_the_primary_image_of_a_heif_file_is_the_photograph(rgb: Rgb) -> None:
    data = encode(255 - rgb, "HEIF", [rgb], primary_index=1)
    assert_shows(data, rgb, TOLERANCE["HEIF"])


@pytest.mark.parametrize("name", ["JPEG", "HEIF"])
def test_the_video_of_a_motion_photograph_is_passed_over(name: str, rgb: Rgb) -> None:
    video = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0\0\x10\0mdat" + bytes(4096)
    assert_shows(encode(rgb, name) + video, rgb, TOLERANCE[name])


# The kinds of a TIFF file -----------------------------------------------------------------------------------


def tiff(
    pages: list[tuple[Rgb, dict[int, int]]], order: str, big: bool, children: int | None = None
) -> bytes:
    """Return an uncompressed TIFF of pages with extra tags; `children`: photometric of a sub-directory."""
    word, count_word = ("Q", "Q") if big else ("I", "H")
    mark = b"II" if order == "<" else b"MM"
    head = mark + struct.pack(f"{order}HHH", 43, 8, 0) if big else mark + struct.pack(f"{order}H", 42)
    body = bytearray(head + struct.pack(order + word, 0))
    link = len(head)

    def directory(tags: dict[int, int]) -> int:
        at = len(body)
        body.extend(struct.pack(order + count_word, len(tags)))
        for tag, value in sorted(tags.items()):
            body.extend(struct.pack(f"{order}HH{word}{word}", tag, 16 if big else 4, 1, value))
        body.extend(struct.pack(order + word, 0))
        return at

    for rgb, extra in pages:
        place = len(body)
        body.extend(rgb[..., 0].tobytes())
        tags = {256: rgb.shape[1], 257: rgb.shape[0], 258: 8, 259: 1, 262: 1, 277: 1, 278: rgb.shape[0]}
        tags |= {273: place, 279: rgb[..., 0].size} | extra
        if children is not None:
            tags[330] = directory({254: 0, 262: children, 256: 9000, 257: 6000})
        at = directory(tags)
        struct.pack_into(order + word, body, link, at)
        link = len(body) - struct.calcsize(word)
    return bytes(body)


@pytest.mark.parametrize(
    ("order", "big", "thumbnails"), [*product("<>", [False, True], [(), (1,), (1, 4), (5, 1, 1)])]
)
def test_thumbnails_of_a_tiff_are_not_the_photograph(
    order: str, big: bool, thumbnails: tuple[int, ...], rgb: Rgb
) -> None:
    small = [(rgb[:16, :16] // 3, {254: kind}) for kind in thumbnails]
    data = tiff([*small, (rgb, {254: 2}), (255 - rgb, {254: 2})], order, big)
    assert page_count(data) == 2
    np.testing.assert_array_equal(decode_image(data, LIMITS)[..., 0], rgb[..., 0])


@pytest.mark.parametrize("order", "<>")
def test_a_tiff_of_thumbnails_only_is_read(order: str, rgb: Rgb) -> None:
    data = tiff([(rgb, {254: 1})], order, big=False)
    assert page_count(data) == 1
    np.testing.assert_array_equal(decode_image(data, LIMITS)[..., 0], rgb[..., 0])


@pytest.mark.parametrize(("order", "big", "photometric"), [*product("<>", [False, True], [32803, 34892])])
def test_a_camera_raw_file_is_not_its_preview(order: str, big: bool, photometric: int, rgb: Rgb) -> None:
    files = {
        "sensor data in a sub-directory": tiff([(rgb, {254: 1})], order, big, photometric),
        "sensor data in the first page": tiff([(rgb, {262: photometric})], order, big),
        "sensor data in the second page": tiff([(rgb, {254: 1}), (rgb, {262: photometric})], order, big),
        "DNG": tiff([(rgb, {254: 1, 50706: 0x01040000})], order, big),
    }
    for kind, data in files.items():
        with pytest.raises(UnsupportedMedia, match="camera raw file") as refused:
            decode_image(data, LIMITS)
        assert "JPEG, PNG" in refused.value.message, kind


def test_directories_that_form_a_ring_end(rgb: Rgb) -> None:
    data = bytearray(tiff([(rgb, {})], "<", big=False))
    data[-4:] = data[4:8]
    assert page_count(bytes(data)) == 1
    assert decode_image(bytes(data), LIMITS).shape == rgb.shape


# Metadata of any size ---------------------------------------------------------------------------------------


def chunk(kind: bytes, body: bytes, checksum: int | None = None) -> bytes:
    crc = zlib.crc32(kind + body) if checksum is None else checksum
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc)


def with_chunk(png: bytes, added: bytes, late: bool) -> bytes:
    at = len(png) - 12 if late else 33
    return png[:at] + added + png[at:]


LARGE = zlib.compress(bytes(3 * 2**20))
HUGE = zlib.compress(bytes(MAX_METADATA_BYTES + 1))
PNG_METADATA: dict[str, bytes] = {
    "large zTXt": chunk(b"zTXt", b"Comment\0\0" + LARGE),
    "large iTXt": chunk(b"iTXt", b"Comment\0\1\0\0\0" + LARGE),
    "large tEXt": chunk(b"tEXt", b"Comment\0" + b"x" * 3 * 2**20),
    "large profile": chunk(b"iCCP", b"ICC\0\0" + LARGE),
    "huge profile": chunk(b"iCCP", b"ICC\0\0" + HUGE),
    "huge XMP": chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + HUGE),
    "huge EXIF text": chunk(b"zTXt", b"Raw profile type exif\0\0" + HUGE),
    "many texts": b"".join(chunk(b"zTXt", b"Comment\0\0" + LARGE) for _ in range(30)),
    "unknown compression of a text": chunk(b"zTXt", b"Comment\0\7xxx"),
    "unknown compression of a profile": chunk(b"iCCP", b"ICC\0\7xxx"),
    "profile without a name": chunk(b"iCCP", b"abcdef"),
    "profile that does not inflate": chunk(b"iCCP", b"ICC\0\0xxxxxx"),
    "short gamma": chunk(b"gAMA", b"\0"),
    "short chromaticities": chunk(b"cHRM", b"\0" * 8),
    "short intent": chunk(b"sRGB", b""),
    "text with a wrong checksum": chunk(b"tEXt", b"Comment\0x", 1),
    "gamma with a wrong checksum": chunk(b"gAMA", struct.pack(">I", 45455), 1),
    "short density": chunk(b"pHYs", b"\0"),
    "private chunk": chunk(b"prVt", bytes(5000)),
    "broken animation": chunk(b"fcTL", bytes(26)) + chunk(b"acTL", b"\0"),
}


@pytest.mark.parametrize(("kind", "late"), [*product(PNG_METADATA, [False, True])])
def test_no_metadata_of_a_png_refuses_its_pixels(kind: str, late: bool, rgb: Rgb) -> None:
    assert_shows(with_chunk(encode(rgb, "PNG"), PNG_METADATA[kind], late), rgb, 0)


@pytest.mark.parametrize("name", ["JPEG", "TIFF", "WEBP", "AVIF", "HEIF", "GIF"])
def test_large_metadata_of_other_formats_refuse_nothing(name: str, rgb: Rgb) -> None:
    large = b"x" * 3 * 2**20
    segments = b"".join(b"\xff\xed\xff\xff" + bytes(65533) for _ in range(60))
    data = {
        "JPEG": lambda: b"\xff\xd8" + segments + encode(rgb, "JPEG")[2:],
        "TIFF": lambda: encode(rgb, "TIFF", tiffinfo={270: large.decode()}),
        "GIF": lambda: encode(rgb, "GIF", comment=large),
    }.get(name, lambda: encode(rgb, name, xmp=large))()
    assert len(data) > 3 * 2**20
    assert_shows(data, rgb, TOLERANCE.get(name, 0))


def test_a_large_profile_and_a_turn_in_a_text_are_still_read(rgb: Rgb) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    hexadecimal = exif.tobytes().hex()
    text = PngImagePlugin.PngInfo()
    text.add_text("Raw profile type exif", f"\nexif\n{len(hexadecimal) // 2:8}\n{hexadecimal}\n", zip=True)
    data = encode(rgb, "PNG", pnginfo=text)
    assert decode_image(data, LIMITS).shape == (WIDTH, HEIGHT, 3)


# Ends -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "missing"),
    [*product([{}, {"progressive": True}, {"subsampling": 2}, {"restart_marker_blocks": 2}], [1, 2])],
)
def test_a_jpeg_without_its_end_marker_is_whole(options: dict[str, Any], missing: int, rgb: Rgb) -> None:
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "JPEG", quality=95, **options)
    data = buffer.getvalue()
    np.testing.assert_array_equal(decode_image(data[:-missing]), decode_image(data))


@pytest.mark.parametrize(("progressive", "share"), [*product([False, True], [0.3, 0.5, 0.7, 0.9, 0.98])])
def test_a_jpeg_without_some_of_its_pixels_is_refused(progressive: bool, share: float) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    data = encode(noise, "JPEG", progressive=progressive)
    with pytest.raises(InvalidImage, match="JPEG file with all of its pixels"):
        decode_image(data[: int(len(data) * share)])


@pytest.mark.parametrize(("name", "missing"), [("PNG", 4), ("PNG", 12), ("GIF", 1)])
def test_a_file_without_its_trailer_is_whole(name: str, missing: int, rgb: Rgb) -> None:
    data = encode(rgb, name)
    np.testing.assert_array_equal(decode_image(data[:-missing]), decode_image(data))


@pytest.mark.parametrize("name", FORMAT_SUFFIXES)
def test_half_a_file_is_no_image(name: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    data = encode(noise, name)
    with pytest.raises(InvalidImage, match=f"expected a {name} file") as refused:
        decode_image(data[: len(data) // 2])
    assert refused.value.details["reason"]


# Kinds that are not read ------------------------------------------------------------------------------------


def jpeg_frame(marker: int, bits: int) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        at = data.index(b"\xff\xc0")
        return data[:at] + bytes([0xFF, marker]) + data[at + 2 : at + 4] + bytes([bits]) + data[at + 5 :]

    return change


@pytest.mark.parametrize(
    ("marker", "bits", "words"),
    [(0xC3, 8, "a lossless JPEG"), (0xC7, 8, "hierarchical lossless"), (0xC1, 12, "a 12-bit JPEG")],
)
def test_a_jpeg_process_that_is_not_read_is_named(marker: int, bits: int, words: str, rgb: Rgb) -> None:
    with pytest.raises(UnsupportedMedia, match=words):
        decode_image(jpeg_frame(marker, bits)(encode(rgb, "JPEG")), LIMITS)


def test_the_suffixes_of_photographs_are_those_of_the_formats() -> None:
    assert {".jpg", ".jfif", ".heic", ".avif", ".tif"} < IMAGE_SUFFIXES
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in IMAGE_SUFFIXES)
