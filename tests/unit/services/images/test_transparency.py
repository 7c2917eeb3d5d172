"""Transparent colours, alpha channels and the background that they lie on."""

import struct
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from domain.arrays import Rgb
from services.images.decode import decode_image, read_image
from services.images.upright import upright_rgb
from tests.unit.services.images.files import HEIGHT, WIDTH, chunk, iso_media, picture, png, saved, tiff_of

RGB = picture()
WHITE, GREY = [255, 255, 255], [128, 128, 128]
SQUARE = np.zeros((HEIGHT, WIDTH), bool)
SQUARE[10:30, 12:40] = True
DEGREES = (np.mgrid[:HEIGHT, :WIDTH][1] * 4).astype(np.uint8)


def _grey_png(bits: int, key: int) -> bytes:
    """A grey PNG whose lower half is the transparent value `key`, and whose upper half is its neighbour."""
    rows = np.full((HEIGHT, WIDTH), key ^ 1, np.uint16 if bits == 16 else np.uint8)
    rows[HEIGHT // 2 :] = key
    return png(rows, bits, 0, [chunk(b"tRNS", struct.pack(">H", key))])


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("where", ["black", "middle", "white"])
def test_a_transparent_grey_becomes_white(bits: int, where: str) -> None:
    white = 2**bits - 1
    key = {"black": 0, "middle": white // 2, "white": white}[where]
    decoded = read_image(_grey_png(bits, key))
    level = (key ^ 1) * 255 / white
    assert np.abs(decoded.rgb[: HEIGHT // 2] - level).max() <= 1
    assert (decoded.rgb[HEIGHT // 2 :] == 255).all()
    assert decoded.background == "white"


@pytest.mark.parametrize("bits", [8, 16])
def test_a_transparent_rgb_color_becomes_white(bits: int) -> None:
    samples = RGB.astype(np.uint16) * (257 if bits == 16 else 1)
    key = [int(value) for value in samples[7, 9]]
    near = samples.copy()
    near[0, 0] = [key[0], key[1], key[2] ^ 1]
    data = png(near.astype(f"u{bits // 8}"), bits, 2, [chunk(b"tRNS", struct.pack(">3H", *key))])
    expected = np.rint(near / (2**bits - 1) * 255).astype(np.uint8)
    expected[(samples == key).all(axis=2)] = 255
    expected[0, 0] = np.rint(near[0, 0] / (2**bits - 1) * 255)
    np.testing.assert_array_equal(decode_image(data), expected)


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
@pytest.mark.parametrize("alphas", ["binary", "degrees"])
def test_a_palette_with_transparent_entries(bits: int, alphas: str) -> None:
    count = 2**bits
    indices = (np.mgrid[:HEIGHT, :WIDTH][1] % count).astype(np.uint8)
    random = np.random.default_rng(bits)
    table, alpha = random.integers(0, 256, (count, 3)), random.integers(1, 254, count)
    if alphas == "binary":
        alpha = np.where(np.arange(count) % 2, 255, 0)
    chunks = [chunk(b"PLTE", bytes(table.reshape(-1).tolist())), chunk(b"tRNS", bytes(alpha.tolist()))]
    decoded = read_image(png(indices, bits, 3, chunks))
    level = {"white": 255, "grey": 128, None: -1}[decoded.background]
    weight = (alpha / 255)[indices][..., None]
    assert np.abs(decoded.rgb - (table[indices] * weight + level * (1 - weight))).max() <= 1
    assert decoded.background == "white" or alphas == "degrees"


@pytest.mark.parametrize("mode", ["L", "P"])
def test_a_transparent_gif_color_becomes_white(mode: str) -> None:
    image = Image.fromarray(np.where(SQUARE, 200, 10).astype(np.uint8)).convert(mode)
    key = image.getpixel((0, 0))
    rgb = decode_image(saved(image, "GIF", transparency=key))
    np.testing.assert_array_equal(rgb, np.where(SQUARE, 200, 255)[..., None].repeat(3, axis=2))


def _png_with_alpha(colors: Rgb, alpha: NDArray[np.uint8], bits: int, grey: bool) -> bytes:
    samples = np.dstack([colors[..., 2:] if grey else colors, alpha])
    deep = samples.astype(np.uint16) * 257 if bits == 16 else samples
    return png(deep, bits, 4 if grey else 6)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("grey", [False, True])
def test_degrees_of_alpha_in_png(bits: int, grey: bool) -> None:
    colors = np.repeat(RGB[..., 2:], 3, axis=2) if grey else RGB
    weight = DEGREES[..., None] / 255
    decoded = read_image(_png_with_alpha(RGB, DEGREES, bits, grey))
    assert np.abs(decoded.rgb - (colors * weight + 255 * (1 - weight))).max() <= 1
    assert decoded.background == "white"


@pytest.mark.parametrize("mode", ["RGBA", "RGBa", "LA", "La", "PA"])
def test_modes_of_python_callers(mode: str) -> None:
    straight = Image.fromarray(np.dstack([RGB, DEGREES]))
    grey = Image.fromarray(np.dstack([RGB[..., 2], DEGREES]))
    palette = Image.fromarray(RGB).quantize(32)
    image = {"A": straight, "a": straight.convert("RGBa")}[mode[-1]] if mode[0] == "R" else grey
    image = grey.convert("La") if mode == "La" else image
    if mode == "PA":
        image = palette.convert("PA")
        image.putalpha(Image.fromarray(DEGREES))
    colors = {"R": RGB, "L": RGB[..., 2:].repeat(3, axis=2), "P": np.asarray(palette.convert("RGB"))}[mode[0]]
    weight = DEGREES[..., None] / 255
    assert image.mode == mode
    assert np.abs(upright_rgb(image) - (colors * weight + 255 * (1 - weight))).max() <= 2


def _file_of(rgba: NDArray[np.uint8], kind: str) -> bytes:
    """The pixels as a file that keeps their alpha."""
    if kind == "PNG 16":
        return png(rgba.astype(np.uint16) * 257, 16, 6)
    if kind.startswith("TIFF"):
        associated = kind == "TIFF associated"
        weight = rgba[..., 3:] / 255 if associated else 1
        stored = np.dstack([np.rint(rgba[..., :3] * weight), rgba[..., 3:]]).astype(np.uint8)
        return tiff_of(stored, 2, 8, tags=[(338, 3, [1 if associated else 2])])
    return saved(Image.fromarray(rgba), kind, **({"lossless": True, "exact": True} if kind == "WEBP" else {}))


KINDS = ["PNG", "PNG 16", "WEBP", "TIFF", "TIFF associated"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("color", "background"),
    [
        ((255, 255, 255), "grey"),
        ((240, 245, 250), "grey"),
        ((255, 255, 200), "white"),
        ((128, 128, 128), "white"),
        ((0, 0, 0), "white"),
        ((255, 0, 0), "white"),
    ],
)
@pytest.mark.parametrize("behind", [(0, 0, 0), (255, 255, 255)])
def test_grey_lies_behind_what_white_would_hide(
    behind: tuple[int, int, int], color: tuple[int, int, int], background: str, kind: str
) -> None:
    colors = np.where(SQUARE[..., None], color, behind)
    decoded = read_image(_file_of(np.dstack([colors, SQUARE * 255]).astype(np.uint8), kind))
    assert decoded.background == background
    np.testing.assert_array_equal(decoded.rgb[20, 20], color)
    np.testing.assert_array_equal(decoded.rgb[0, 0], {"white": WHITE, "grey": GREY}[background])


def test_what_decides_is_the_outline() -> None:
    outlined = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    outlined[SQUARE] = 0
    outlined[12:28, 14:38] = 255  # white paper in a black frame
    assert (
        read_image(_file_of(np.dstack([outlined, SQUARE * 255]).astype(np.uint8), "PNG")).background
        == "white"
    )
    half = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    half[:, :26] = 255  # half of the square is white
    assert read_image(_file_of(np.dstack([half, SQUARE * 255]).astype(np.uint8), "PNG")).background == "grey"


def test_soft_and_faint_white_is_not_hidden() -> None:
    white = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    for alpha in (DEGREES, DEGREES // 4, np.full_like(DEGREES, 90)):
        assert read_image(_file_of(np.dstack([white, alpha]), "PNG")).background == "grey"


@pytest.mark.parametrize("kind", KINDS)
def test_alpha_of_nothing_and_of_everything(kind: str) -> None:
    opaque = read_image(_file_of(np.dstack([RGB, np.full_like(DEGREES, 255)]), kind))
    np.testing.assert_array_equal(opaque.rgb, RGB)
    empty = read_image(_file_of(np.dstack([RGB, np.zeros_like(DEGREES)]), kind))
    assert (empty.rgb == 255).all()
    assert empty.background == "white"
    assert opaque.background == (None if kind == "WEBP" else "white")  # its writer drops such a channel


@pytest.mark.parametrize("orientation", range(1, 9))
def test_alpha_is_turned_with_its_pixels(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.fromarray(np.dstack([RGB, DEGREES]))
    flat = Image.new("RGB", image.size, "white")
    flat.paste(image, mask=image)
    turned, opaque = (decode_image(saved(each, "PNG", exif=exif)) for each in (image, flat))
    assert np.abs(turned.astype(int) - opaque).max() <= 1


def _bmp(alpha: NDArray[np.uint8], masks: bool) -> bytes:
    pixels = np.ascontiguousarray(np.dstack([RGB[..., ::-1], alpha])[::-1]).tobytes()
    size = 108 if masks else 40
    head = struct.pack("<IiiHHIIiiII", size, WIDTH, HEIGHT, 1, 32, 3 if masks else 0, len(pixels), 0, 0, 0, 0)
    if masks:
        head += struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000) + b"BGRs" + bytes(48)
    return b"BM" + struct.pack("<IHHI", 14 + size + len(pixels), 0, 0, 14 + size) + head + pixels


def test_alpha_bits_of_a_bmp() -> None:
    weight = DEGREES[..., None] / 255
    assert np.abs(decode_image(_bmp(DEGREES, True)) - (RGB * weight + 255 * (1 - weight))).max() <= 1
    for data in (_bmp(np.zeros_like(DEGREES), True), _bmp(np.zeros_like(DEGREES), False)):
        decoded = read_image(data)
        np.testing.assert_array_equal(decoded.rgb, RGB)
        assert decoded.background is None


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "BMP", "TIFF", "WEBP"])
def test_an_image_without_alpha_has_no_background(file_format: str) -> None:
    options: dict[str, Any] = {"lossless": True} if file_format == "WEBP" else {}
    assert read_image(saved(Image.fromarray(RGB), file_format, **options)).background is None


@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
@pytest.mark.parametrize(("level", "background"), [(0, "white"), (255, "grey")])
def test_alpha_of_iso_media(level: int, background: str, kind: str) -> None:
    rgba = np.dstack([np.full_like(RGB, level), SQUARE * 255]).astype(np.uint8)
    decoded = read_image(iso_media(Image.fromarray(rgba), kind))
    assert decoded.background == background
    assert np.abs(decoded.rgb[2, 2].astype(int) - {"white": 255, "grey": 128}[background]).max() <= 2
