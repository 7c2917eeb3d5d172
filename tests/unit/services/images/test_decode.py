"""Tests of services/images/decode.py."""

import contextlib
import io
import struct
import warnings
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from domain.arrays import Rgb
from domain.errors import InvalidImage, MalformedRequest, ServiceError, TooLarge, UnsupportedMedia
from services.images import samples
from services.images.decode import decode_image, read_image
from services.images.limits import ImageLimits
from services.images.readers import image_format
from tests.unit.services.images.files import png

WIDTH, HEIGHT = 40, 24
LIMITS = ImageLimits(max_bytes=1_000_000, max_pixels=4_000_000)
HUGE = 30_000


@pytest.fixture
def rgb() -> Rgb:
    """A gradient without symmetry: 24 x 40."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    return np.stack([x * 6, y * 10, (x + 2 * y) * 2], -1).astype(np.uint8)


@pytest.fixture
def picture(rgb: Rgb) -> Image.Image:
    """The gradient as a Pillow image."""
    return Image.fromarray(rgb)


def save(image: Image.Image, file_format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def oriented(value: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = value
    return exif


def flat(mode: str, color: Any) -> Image.Image:
    return Image.new(mode, (WIDTH, HEIGHT), color)


def pixel(data: bytes) -> list[int]:
    rgb = decode_image(data)
    assert (rgb == rgb[0, 0]).all()
    return [int(value) for value in rgb[0, 0]]


LOSSLESS: dict[str, dict[str, Any]] = {"PNG": {}, "BMP": {}, "TIFF": {}, "WEBP": {"lossless": True}}


@pytest.mark.parametrize("file_format", LOSSLESS)
def test_lossless_formats_come_back_exactly(file_format: str, picture: Image.Image, rgb: Rgb) -> None:
    data = save(picture, file_format, **LOSSLESS[file_format])
    assert image_format(data) == file_format
    assert decode_image(data, LIMITS).shape == (HEIGHT, WIDTH, 3)
    np.testing.assert_array_equal(decode_image(data), rgb)


@pytest.mark.parametrize("options", [{"progressive": True}, {"subsampling": 2}])
def test_jpeg_is_read_at_full_quality(options: dict[str, Any], picture: Image.Image) -> None:
    data = save(picture, "JPEG", **options)
    assert image_format(data) == "JPEG"
    assert decode_image(data, LIMITS).shape == (HEIGHT, WIDTH, 3)
    np.testing.assert_array_equal(decode_image(data), np.asarray(Image.open(io.BytesIO(data))))


def test_the_array_is_contiguous_and_writable(picture: Image.Image) -> None:
    rgb = decode_image(save(picture, "JPEG", exif=oriented(6)))
    assert rgb.dtype == np.uint8
    assert rgb.flags.c_contiguous
    assert rgb.flags.writeable


def test_a_phones_multi_picture_file_is_a_jpeg(picture: Image.Image) -> None:
    data = save(picture, "MPO", save_all=True, append_images=[flat("RGB", "red")])
    assert image_format(data) == "JPEG"
    assert decode_image(data, LIMITS).shape == (HEIGHT, WIDTH, 3)
    assert decode_image(data)[0, 0, 0] < 50


def test_the_first_frame_of_an_animation_is_read() -> None:
    frames = [flat("RGB", color) for color in ("lime", "red")]
    for file_format, options in [("GIF", {}), ("PNG", {}), ("TIFF", {}), ("WEBP", {"lossless": True})]:
        data = save(frames[0], file_format, save_all=True, append_images=frames[1:], **options)
        assert image_format(data) == file_format
        assert decode_image(data, LIMITS).shape == (HEIGHT, WIDTH, 3)
        assert pixel(data) == [0, 255, 0]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_orientation_is_applied_once(file_format: str, orientation: int, picture: Image.Image) -> None:
    data = save(picture, file_format, exif=oriented(orientation))
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    rgb = decode_image(data, LIMITS)
    np.testing.assert_array_equal(rgb, np.asarray(upright))
    assert rgb.shape == ((WIDTH, HEIGHT, 3) if orientation >= 5 else (HEIGHT, WIDTH, 3))


def test_a_tall_image_is_the_same_in_strips(monkeypatch: pytest.MonkeyPatch, rgb: Rgb) -> None:
    data = save(Image.fromarray(rgb), "PNG", exif=oriented(8))
    whole = decode_image(data)
    monkeypatch.setattr(samples, "PIXELS_PER_STRIP", 7 * WIDTH)
    np.testing.assert_array_equal(decode_image(data), whole)


@pytest.mark.parametrize("value", [0, 9, 60_000])
def test_an_orientation_that_does_not_exist_means_upright(value: int, picture: Image.Image) -> None:
    data = save(picture, "JPEG", exif=oriented(value))
    assert decode_image(data).shape == (HEIGHT, WIDTH, 3)


@pytest.mark.parametrize(
    "exif",
    [
        b"Exif\0\0",
        b"Exif\0\0not a TIFF header at all",
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0II*\0\x08\0\0\0\xff\xff",
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x02\0\x03\0\0\0up\0\0\0\0\0\0",
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\xff\xff\xff\xff\xff\xff\xff\xff",
    ],
)
def test_malformed_exif_means_upright(exif: bytes, picture: Image.Image) -> None:
    data = save(picture, "JPEG", exif=exif)
    assert image_format(data) == "JPEG"
    assert decode_image(data, LIMITS).shape == (HEIGHT, WIDTH, 3)
    assert decode_image(data).shape == (HEIGHT, WIDTH, 3)


def test_a_png_that_turns_after_its_pixels_is_still_turned(picture: Image.Image) -> None:
    data = save(picture, "PNG", exif=oriented(6))
    start = data.index(b"eXIf") - 4
    end = start + 12 + int.from_bytes(data[start : start + 4], "big")
    late = data[:start] + data[end:-12] + data[start:end] + data[-12:]
    np.testing.assert_array_equal(decode_image(late), decode_image(data))


@pytest.mark.parametrize(
    ("image", "file_format", "expected"),
    [
        (flat("RGBA", (255, 0, 0, 0)), "PNG", [255, 255, 255]),
        (flat("RGBA", (0, 0, 0, 128)), "PNG", [127, 127, 127]),
        (flat("RGBA", (10, 20, 30, 255)), "TIFF", [10, 20, 30]),
        (flat("LA", (0, 0)), "PNG", [255, 255, 255]),
        (flat("LA", (100, 255)), "TIFF", [100, 100, 100]),
        (flat("L", 77), "JPEG", [77, 77, 77]),
        (flat("1", 1), "PNG", [255, 255, 255]),
        (flat("1", 0), "BMP", [0, 0, 0]),
        (flat("CMYK", (0, 255, 255, 0)), "TIFF", [255, 0, 0]),
        (flat("I;16", 65535), "PNG", [255, 255, 255]),
        (flat("I;16", 257 * 90), "TIFF", [90, 90, 90]),
        (flat("I", 257 * 90), "TIFF", [90, 90, 90]),
        (flat("F", 0.5), "TIFF", [128, 128, 128]),
        (flat("F", 100.0), "TIFF", [100, 100, 100]),
        (flat("F", float("nan")), "TIFF", [0, 0, 0]),
    ],
)
def test_every_mode_becomes_rgb(image: Image.Image, file_format: str, expected: list[int]) -> None:
    assert pixel(save(image, file_format)) == expected


def test_converted_color_spaces_keep_their_colors() -> None:
    cmyk = save(flat("CMYK", (0, 255, 255, 0)), "JPEG", quality=100)
    assert pixel(cmyk) == pytest.approx([255, 0, 0], abs=3)
    lab = save(flat("RGB", (200, 100, 50)).convert("LAB"), "TIFF")
    assert pixel(lab) == pytest.approx([200, 100, 50], abs=3)


@pytest.mark.parametrize(
    ("file_format", "transparency"), [("GIF", 0), ("PNG", 0), ("PNG", bytes([0] + [255] * 255))]
)
def test_a_transparent_palette_color_becomes_white(file_format: str, transparency: int | bytes) -> None:
    image = flat("P", 0)
    image.putpalette([9, 9, 9, 200, 100, 50])
    image.putpixel((3, 2), 1)
    rgb = decode_image(save(image, file_format, transparency=transparency))
    assert rgb[0, 0].tolist() == [255, 255, 255]
    assert rgb[2, 3].tolist() == [200, 100, 50]


def test_a_transparent_color_key_becomes_white() -> None:
    assert pixel(save(flat("RGB", (1, 2, 3)), "PNG", transparency=(1, 2, 3))) == [255, 255, 255]
    assert pixel(save(flat("L", 9), "PNG", transparency=9)) == [255, 255, 255]


def test_grey_outside_the_usual_ranges_is_stretched() -> None:
    heights: NDArray[np.float32] = np.linspace(-50, 3000, WIDTH * HEIGHT, dtype=np.float32)
    rgb = decode_image(save(Image.fromarray(heights.reshape(HEIGHT, WIDTH)), "TIFF"))
    assert (rgb.min(), rgb.max()) == (0, 255)


def test_no_bytes() -> None:
    for read in (decode_image, lambda data: decode_image(data, LIMITS)):
        with pytest.raises(MalformedRequest, match="empty"):
            read(b"")


def test_what_is_no_image_is_named() -> None:
    for read in (decode_image, lambda data: decode_image(data, LIMITS)):
        with pytest.raises(UnsupportedMedia, match="what looks like text") as refused:
            read(b"just some text\n")
        assert "JPEG, PNG, WEBP, BMP, TIFF, GIF, HEIF, AVIF" in refused.value.message


def test_a_format_that_pillow_could_read_is_refused(picture: Image.Image) -> None:
    for file_format in ("ICO", "PPM", "TGA", "JPEG2000"):
        with pytest.raises(UnsupportedMedia):
            decode_image(save(picture, file_format), LIMITS)


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_header(width: int, height: int) -> bytes:
    ihdr = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + ihdr + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def bmp_header(width: int, height: int) -> bytes:
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + info


def tiff_header(width: int, height: int) -> bytes:
    tags = {256: width, 257: height, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: height, 279: 1}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4)


def gif_header(width: int, height: int, disposal: int = 0) -> bytes:
    control = b"!\xf9\x04" + bytes([disposal << 2]) + bytes(4)
    frame = b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x4c\x01\0;"
    return b"GIF89a" + struct.pack("<HHBBB", 20, 20, 0x80, 0, 0) + bytes(6) + control + frame


def webp_header(width: int, height: int) -> bytes:
    sizes = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + sizes
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize("header", [png_header, bmp_header, tiff_header, gif_header, webp_header])
def test_a_header_bomb_is_refused_before_it_is_decoded(header: Callable[[int, int], bytes]) -> None:
    with pytest.raises(TooLarge, match="4,000,000 pixels") as refused:
        decode_image(header(HUGE, HUGE), LIMITS)
    assert refused.value.details["max_pixels"] == LIMITS.max_pixels


def test_a_bomb_that_asks_for_its_canvas_in_the_header_is_refused() -> None:
    with pytest.raises(TooLarge, match="4,000,000 pixels, got a GIF"):
        decode_image(gif_header(HUGE, HUGE, disposal=2), LIMITS)
    with pytest.raises(TooLarge, match="got a GIF"):
        decode_image(gif_header(HUGE, HUGE, disposal=2))


def test_the_size_that_came_is_told() -> None:
    with pytest.raises(TooLarge, match="30000x30000") as refused:
        decode_image(png_header(HUGE, HUGE), LIMITS)
    assert refused.value.details == {"max_pixels": 4_000_000, "width": HUGE, "height": HUGE}


def test_pillows_own_guard_is_not_in_the_way_of_a_larger_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    data = save(flat("RGB", "red"), "WEBP", lossless=True)
    assert image_format(data) == "WEBP"
    assert decode_image(data, LIMITS).shape == (HEIGHT, WIDTH, 3)
    assert pixel(data) == [255, 0, 0]
    assert LIMITS.max_pixels == Image.MAX_IMAGE_PIXELS
    decode_image(data, ImageLimits(1_000_000, 2_000))
    assert LIMITS.max_pixels == Image.MAX_IMAGE_PIXELS


def test_limits_are_inclusive(picture: Image.Image) -> None:
    data = save(picture, "PNG")
    exact = ImageLimits(len(data), WIDTH * HEIGHT, HEIGHT)
    assert image_format(data) == "PNG"
    assert decode_image(data, exact).shape == (HEIGHT, WIDTH, 3)
    with pytest.raises(TooLarge, match=f"{len(data) - 1:,} bytes, got {len(data):,}"):
        decode_image(data, ImageLimits(len(data) - 1, WIDTH * HEIGHT, HEIGHT))
    with pytest.raises(TooLarge, match="959 pixels, got 40x24 = 960"):
        decode_image(data, ImageLimits(len(data), WIDTH * HEIGHT - 1, HEIGHT))
    with pytest.raises(InvalidImage, match="at least 25 pixels, got 40x24"):
        decode_image(data, ImageLimits(len(data), WIDTH * HEIGHT, HEIGHT + 1))


def test_one_pixel_is_too_small() -> None:
    with pytest.raises(InvalidImage, match="at least 16 pixels, got 1x1"):
        decode_image(save(Image.new("RGB", (1, 1)), "PNG"), LIMITS)


@pytest.mark.parametrize(
    "data", [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"II*\0", b"RIFF\0\0\0\0WEBPVP8 "]
)
def test_a_broken_header_is_an_invalid_image(data: bytes) -> None:
    with pytest.raises(InvalidImage, match="readable header"):
        decode_image(data, LIMITS)


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF"])
def test_random_damage_ends_in_an_image_or_in_our_own_error(file_format: str, picture: Image.Image) -> None:
    random = np.random.default_rng(1)
    whole = save(picture, file_format)
    for _ in range(60):
        data = bytearray(whole)
        for position in random.integers(0, len(data), 6):
            data[position] = random.integers(0, 256)
        with contextlib.suppress(ServiceError):
            assert decode_image(bytes(data), LIMITS).shape[2] == 3


def test_odd_metadata_warns_nobody() -> None:
    animated = save(flat("RGB", "red"), "PNG", save_all=True, append_images=[flat("RGB", "blue")])
    start = animated.index(b"acTL") - 4
    twice = animated[:start] + chunk(b"acTL", bytes(8)) + animated[start:]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert pixel(twice) == [255, 0, 0]
    assert not caught


@pytest.mark.parametrize("color_type", [0, 2, 4, 6])
def test_twelve_bits_in_a_png_of_sixteen_are_told(color_type: int) -> None:
    channels = {0: 1, 2: 3, 4: 2, 6: 4}[color_type]
    samples = np.full((24, 40, channels), 65535, np.uint16)
    colors = channels - (color_type >= 4)
    samples[..., :colors] = np.linspace(0, 4095, 40).astype(np.uint16)[None, :, None]
    decoded = read_image(png(samples, 16, color_type))
    np.testing.assert_allclose(decoded.rgb[0, :, 0], np.linspace(0, 255, 40), atol=1)
    assert "12 bits" in decoded.warnings[0]
