"""TIFF files of every kind of samples and layout, against the numbers that were written."""

import contextlib
import io
import lzma
import zlib
from collections.abc import Callable
from itertools import product
from typing import Any

import imagecodecs
import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from domain.errors import InvalidImage, ServiceError, TooLarge
from services.images.decode import decode_image, read_image
from services.images.limits import ImageLimits
from tests.unit.services.images.files import HEIGHT, WIDTH, Order, lab_of, picture, tiff, tiff_of

RGB = picture()
GREY = RGB[..., 2:]
GREY_RGB = np.repeat(GREY, 3, axis=2)
ALPHA = np.where(np.mgrid[:HEIGHT, :WIDTH][1] < 28, 255, 102).astype(np.uint8)[..., None]
ON_WHITE = (RGB * (ALPHA / 255) + 255 - ALPHA).round()
REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
LIMITS = ImageLimits(max_bytes=10_000_000, max_pixels=20_000)


def quantized(levels: NDArray[np.uint8], bits: int) -> NDArray[Any]:
    """Levels as samples of `bits` bits."""
    dtype = np.uint8 if bits <= 8 else np.uint16 if bits <= 16 else np.uint32
    return np.rint(levels / 255 * (2**bits - 1)).astype(dtype)


def error(data: bytes, expected: NDArray[Any]) -> float:
    """Greatest difference of a channel from what is expected."""
    return float(np.abs(decode_image(data, LIMITS).astype(float) - expected).max())


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("white_is_zero", [False, True])
@pytest.mark.parametrize("bits", [1, 2, 4, 8, 12, 16, 32])
def test_grey_of_any_depth(bits: int, white_is_zero: bool, order: Order, compressed: bool) -> None:
    samples = quantized(GREY, bits)
    expected = np.repeat(samples / (2**bits - 1) * 255, 3, axis=2)
    stored = (2**bits - 1 - samples).astype(samples.dtype) if white_is_zero else samples
    data = tiff_of(stored, 0 if white_is_zero else 1, bits, order, deflate=compressed)
    assert error(data, expected) <= 1


@pytest.mark.parametrize("white_is_zero", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_float_grey(dtype: Any, order: Order, white_is_zero: bool) -> None:
    for scale in (1, 255, 65535 if dtype != np.float16 else 255):
        levels = (GREY / 255 * scale).astype(dtype)
        stored = levels if not white_is_zero else (scale - levels).astype(dtype)
        data = tiff_of(stored, 0 if white_is_zero else 1, dtype().itemsize * 8, order)
        assert error(data, GREY_RGB) <= 1


@pytest.mark.parametrize("planar", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("kind", ["u1", "u2", "u4", "f4", "f8"])
@pytest.mark.parametrize("alpha", ["none", "unassociated", "associated", "unspecified", "untold"])
def test_color_of_any_depth(kind: str, alpha: str, planar: bool, order: Order, compressed: bool) -> None:
    straight = np.concatenate([RGB, ALPHA], -1) / 255
    if alpha == "none":
        straight = straight[..., :3]
    if alpha == "associated":
        straight[..., :3] *= straight[..., 3:]
    dtype = np.dtype(kind)
    samples = (straight if dtype.kind == "f" else np.rint(straight * np.iinfo(dtype).max)).astype(dtype)
    tags = {"unassociated": [(338, 3, [2])], "associated": [(338, 3, [1])], "unspecified": [(338, 3, [0])]}
    data = tiff_of(
        samples, 2, dtype.itemsize * 8, order, planar, tags=tags.get(alpha, []), deflate=compressed
    )
    decoded = read_image(data, LIMITS)
    seen_through = alpha not in ("none", "unspecified")
    expected = ON_WHITE if seen_through else RGB
    assert np.abs(decoded.rgb.astype(float) - expected).max() <= 1
    assert decoded.background == ("white" if seen_through else None)
    assert bool(decoded.warnings) == (alpha == "unspecified")


@pytest.mark.parametrize(
    ("compression", "predictor"),
    [
        (None, False),
        ("packbits", False),
        *product(("lzw", "deflate", "adobe_deflate", "zstd", "lzma"), (False, True)),
    ],
)
@pytest.mark.parametrize("tile", [None, (16, 32)])
@pytest.mark.parametrize("kind", ["u1", "u2", "f4"])
@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("big", [False, True])
def test_compression_tiles_and_predictor(
    compression: str | None, predictor: bool, tile: tuple[int, int] | None, kind: str, planar: str, big: bool
) -> None:
    dtype = np.dtype(kind)
    samples = (RGB / 255 if kind == "f4" else RGB.astype(dtype) * (np.iinfo(dtype).max // 255)).astype(dtype)
    file = io.BytesIO()
    if planar == "separate":
        samples = np.ascontiguousarray(samples.transpose(2, 0, 1))
    tifffile.imwrite(
        file, samples, photometric="rgb", planarconfig=planar, tile=tile, compression=compression,
        predictor=predictor, bigtiff=big, rowsperstrip=None if tile else 7,
    )  # fmt: skip
    assert error(file.getvalue(), RGB) <= 1


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("photometric", [0, 1])
@pytest.mark.parametrize("compression", [None, "group3", "group4", "tiff_ccitt", "packbits", "tiff_lzw"])
def test_bilevel(compression: str | None, photometric: int, order: Order) -> None:
    image = Image.fromarray((GREY[..., 0] > 90).astype(np.uint8) * 255).convert("1")
    if order == ">" or compression is None:
        data = tiff_of(np.asarray(image)[..., None] ^ (photometric == 0), photometric, 1, order)
    else:
        file = io.BytesIO()
        image.save(file, "TIFF", compression=compression, tiffinfo={262: photometric})
        data = file.getvalue()
    assert error(data, np.repeat(np.asarray(image)[..., None], 3, 2) * 255.0) == 0


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK", "YCbCr"])
@pytest.mark.parametrize("tiles", [False, True])
def test_jpeg_inside(mode: str, tiles: bool) -> None:
    image = Image.fromarray(RGB).convert(mode)
    expected = image.convert("RGB")
    file = io.BytesIO()
    if mode == "CMYK" or not tiles:
        image.save(file, "TIFF", compression="jpeg", quality=98)
    else:
        photometric = "minisblack" if mode == "L" else mode.lower()
        tifffile.imwrite(
            file, np.asarray(image), photometric=photometric, tile=(16, 16), compression="jpeg",
            compressionargs={"level": 98},
        )  # fmt: skip
    assert np.abs(decode_image(file.getvalue()).astype(int) - np.asarray(expected)).mean() < 3


@pytest.mark.parametrize("deflate", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
def test_ycbcr(order: Order, deflate: bool) -> None:
    image = Image.fromarray(RGB).convert("YCbCr")
    data = tiff_of(np.asarray(image), 6, 8, order, deflate=deflate, tags=[(530, 3, [1, 1])])
    assert error(data, np.asarray(image.convert("RGB"))) <= 3


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("planar", [False, True])
def test_inks(bits: int, planar: bool) -> None:
    inks = np.asarray(Image.fromarray(RGB).convert("CMYK"))
    data = tiff_of(quantized(inks, bits), 5, bits, planar=planar)
    assert error(data, np.asarray(Image.fromarray(inks, "CMYK").convert("RGB"))) <= 1


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
@pytest.mark.parametrize("deep_table", [False, True])
def test_palette(bits: int, deep_table: bool) -> None:
    indices = (GREY.astype(int) % 2**bits).astype(np.uint8)
    table = np.random.default_rng(bits).integers(0, 256, (2**bits, 3))
    color_map = (table.T * (257 if deep_table else 1)).reshape(-1).tolist()
    data = tiff_of(indices, 3, bits, tags=[(320, 3, color_map)])
    assert error(data, table[indices[..., 0]]) == 0


@pytest.mark.parametrize("photometric", [8, 9])
@pytest.mark.parametrize("bits", [8, 16])
def test_lab(photometric: int, bits: int) -> None:
    lightness, axes = np.split(lab_of(RGB), [1], axis=2)
    unit = 1 if bits == 8 else 256
    full = {8: 255, 16: 65280 if photometric == 9 else 65535}[bits]
    offset = 128 if photometric == 9 else 0
    stored = np.rint(np.dstack([lightness / 100 * full, (axes + offset) * unit]))
    data = tiff_of(stored.astype(np.int32).astype(f"u{bits // 8}"), photometric, bits)
    assert error(data, RGB) <= (2 if bits == 16 else 16)
    assert np.abs(decode_image(data).astype(int) - RGB).mean() < 1


@pytest.mark.parametrize("kind", ["u2", "f4", "f8"])
@pytest.mark.parametrize("premultiplied", [False, True])
def test_grey_with_alpha(kind: str, premultiplied: bool) -> None:
    grey, alpha = GREY / 255, ALPHA / 255
    values = np.concatenate([grey * alpha if premultiplied else grey, alpha], -1)
    samples = (values if kind[0] == "f" else np.rint(values * 65535)).astype(kind)
    data = tiff_of(samples, 1, np.dtype(kind).itemsize * 8, tags=[(338, 3, [1 if premultiplied else 2])])
    expected = np.repeat(grey * alpha * 255 + 255 - ALPHA, 3, axis=2)
    assert error(data, expected) <= 1


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("bits", [10, 12, 14, 16])
@pytest.mark.parametrize("tag", [281, 341])
def test_fewer_bits_in_sixteen(bits: int, channels: int, order: Order, tag: int) -> None:
    levels = GREY if channels == 1 else RGB
    greatest = [2**bits - 1] * channels
    data = tiff_of(
        quantized(levels, bits).astype(np.uint16), 1 if channels == 1 else 2, 16, order,
        tags=[(tag, 3, greatest)],
    )  # fmt: skip
    decoded = read_image(data)
    assert np.abs(decoded.rgb.astype(float) - (RGB if channels == 3 else GREY_RGB)).max() <= 1
    assert not decoded.warnings


def test_twelve_bits_without_a_tag_are_told() -> None:
    decoded = read_image(tiff_of(quantized(GREY, 12), 1, 16))
    assert np.abs(decoded.rgb.astype(float) - GREY_RGB).max() <= 1
    assert "12 bits" in decoded.warnings[0]


def test_a_dark_photograph_stays_dark() -> None:
    dark = quantized(GREY, 16) // 8
    assert error(tiff_of(dark, 1, 16), GREY_RGB / 8) <= 1
    nearly_white = (65535 - quantized(GREY, 12)).astype(np.uint16)
    assert decode_image(tiff_of(quantized(GREY, 12), 0, 16)).min() > 230
    assert decode_image(tiff_of(nearly_white, 1, 16)).min() > 230


@pytest.mark.parametrize("bits", [8, 16, 32])
def test_signed_samples(bits: int) -> None:
    dtype, white = np.dtype(f"i{bits // 8}"), 2 ** (bits - 1) - 1
    positive = np.rint(GREY / 255 * white).astype(dtype)
    assert error(tiff_of(positive, 1, bits), GREY_RGB) <= 2
    low, high = int(GREY.min()) - 100, int(GREY.max()) - 150
    balanced = np.clip(GREY.astype(int) - 128, -100, 100).astype(dtype)
    assert low < high
    decoded = read_image(tiff_of(balanced, 1, bits))
    expected = (balanced.astype(float) - balanced.min()) / (balanced.max() - float(balanced.min())) * 255
    assert np.abs(decoded.rgb - expected).max() <= 1
    assert "span black to white" in decoded.warnings[0]


def test_samples_that_are_no_alpha_are_left_out_and_told() -> None:
    extra = np.dstack([RGB, GREY, GREY])
    decoded = read_image(tiff_of(extra, 2, 8, tags=[(338, 3, [0, 0])]))
    np.testing.assert_array_equal(decoded.rgb, RGB)
    assert decoded.warnings == ("2 of 5 samples a pixel were left out: they are neither colour nor alpha.",)


@pytest.mark.parametrize("file_orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["u1", "u2"])
def test_orientation(file_orientation: int, kind: str) -> None:
    samples = (RGB.astype(kind) * (1 if kind == "u1" else 257)).astype(kind)
    data = tiff_of(samples, 2, np.dtype(kind).itemsize * 8, tags=[(274, 3, [file_orientation])])
    exif = Image.Exif()
    exif[0x0112] = file_orientation
    file = io.BytesIO()
    Image.fromarray(RGB).save(file, "PNG", exif=exif)
    np.testing.assert_array_equal(decode_image(data), decode_image(file.getvalue()))


REFUSED: dict[str, tuple[bytes, str]] = {
    "two samples": (tiff_of(np.dstack([GREY, GREY]), 1, 8), "2 samples of MINISBLACK"),
    "five samples": (tiff_of(np.dstack([RGB, GREY, GREY]), 2, 8), "5 samples of RGB"),
    "RGB of one sample": (tiff_of(GREY, 2, 8), r"1 \(RGB"),
    "other inks": (tiff_of(np.dstack([RGB, GREY]), 5, 8, tags=[(332, 3, [2])]), "InkSet"),
    "YCbCr planes": (tiff_of(RGB, 6, 8, planar=True, tags=[(530, 3, [1, 1])]), "YCbCr as pixels"),
    "deep YCbCr": (tiff_of(RGB.astype(np.uint16), 6, 16), "16 bits of YCBCR"),
    "subsampled YCbCr": (tiff_of(RGB, 6, 8, tags=[(530, 3, [2, 2])]), "uncompressed YCbCr"),
    "a volume": (tiff_of(GREY, 1, 8, tags=[(32997, 4, [2])]), "2 slices"),
    "unequal depths": (
        tiff(
            [(256, 3, [16]), (257, 3, [16]), (258, 3, [8, 16, 8]), (262, 3, [2]), (277, 3, [3])],
            [bytes(16 * 16 * 4)],
        ),
        "one depth",
    ),
}


def test_complex_numbers_are_named() -> None:
    file = io.BytesIO()
    tifffile.imwrite(file, GREY[..., 0].astype(np.complex64))
    with pytest.raises(InvalidImage, match="integer or float samples of one depth, got 64 bits"):
        decode_image(file.getvalue())


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_read_is_named(name: str) -> None:
    data, words = REFUSED[name]
    with pytest.raises(InvalidImage, match=words) as refused:
        decode_image(data, LIMITS)
    assert refused.value.message.startswith("expected a TIFF file")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (34712, "JPEG_?2000"),
        (50001, "WEBP"),
        (34887, "LERC"),
        (34933, "PNG"),
        (50002, "JPEG_?XL"),
        (61000, "61000"),
    ],
)
def test_a_compression_that_is_not_read_is_named(number: int, words: str) -> None:
    plain = tiff_of(RGB, 2, 8)
    at = plain.index((259).to_bytes(2, "little") + (3).to_bytes(2, "little"))
    data = plain[: at + 8] + number.to_bytes(2, "little") + plain[at + 10 :]
    with pytest.raises(InvalidImage, match=f"(?i){words}.*") as refused:
        decode_image(data, LIMITS)
    assert str(number) in refused.value.message


def test_bombs_are_refused_before_they_are_decoded() -> None:
    wide = [(256, 4, [64]), (257, 4, [64]), (258, 3, [8]), (259, 3, [8]), (262, 3, [1]), (277, 3, [1])]
    tile = zlib.compress(bytes(1000))
    with pytest.raises(TooLarge, match="decoded samples"):
        decode_image(tiff([*wide, (322, 4, [60_000]), (323, 4, [60_000])], [tile], tiles=True), LIMITS)
    many = [tag for tag in wide if tag[0] not in (258, 277)]
    many += [(258, 3, [8] * 5000), (277, 3, [5000]), (338, 3, [0] * 4999), (278, 3, [64])]
    with pytest.raises(TooLarge, match="decoded samples"):
        decode_image(tiff(many, [tile]), LIMITS)
    strip = zlib.compress(bytes(50_000_000))
    assert (
        decode_image(tiff([*wide, (278, 3, [64])], [strip]), LIMITS).max() == 0
    )  # no more than the image needs


def _grey_strips(strips: list[bytes], compression: int, tags: Any = ()) -> bytes:
    """A grey TIFF of 40 x 56 pixels in strips of 16 rows."""
    usual = [
        (256, 3, [WIDTH]),
        (257, 3, [HEIGHT]),
        (258, 3, [8]),
        (262, 3, [1]),
        (277, 3, [1]),
        (278, 3, [16]),
    ]
    return tiff([*usual, (259, 3, [compression]), *tags], strips)


STRIPS = [GREY[top : top + 16].tobytes() for top in range(0, HEIGHT, 16)]
ENCODERS: dict[int, Callable[[bytes], bytes]] = {
    1: bytes,
    5: imagecodecs.lzw_encode,
    8: zlib.compress,
    32773: imagecodecs.packbits_encode,
    32946: zlib.compress,
    34925: lzma.compress,
    50000: imagecodecs.zstd_encode,
}


@pytest.mark.parametrize("compression", [number for number in ENCODERS if number != 50000])
def test_a_last_strip_of_full_height_is_cut(compression: int) -> None:
    padded = [*STRIPS[:-1], STRIPS[-1] + bytes(WIDTH * 8)]
    assert error(_grey_strips([ENCODERS[compression](strip) for strip in padded], compression), GREY_RGB) == 0


@pytest.mark.parametrize("compression", ENCODERS)
def test_reversed_bits(compression: int) -> None:
    strips = [ENCODERS[compression](strip).translate(REVERSED) for strip in STRIPS]
    assert error(_grey_strips(strips, compression, [(266, 3, [2])]), GREY_RGB) == 0


@pytest.mark.parametrize("compression", ENCODERS)
@pytest.mark.parametrize("damage", ["short data", "short file", "missing strip"])
def test_missing_pixels_are_refused(damage: str, compression: int) -> None:
    encode = ENCODERS[compression]
    short = [*STRIPS[:-1], STRIPS[-1][:-60]]
    strips = {"short data": short, "short file": STRIPS, "missing strip": STRIPS[:2]}[damage]
    encoded = [encode(strip) for strip in strips]
    if damage == "short file":
        encoded[1] = encoded[1][: len(encoded[1]) // 2]
    with pytest.raises(InvalidImage):
        decode_image(_grey_strips(encoded, compression), LIMITS)


def test_a_strip_that_a_writer_left_out_is_black() -> None:
    assert decode_image(_grey_strips([STRIPS[0], b"", STRIPS[2]], 1))[16:32].max() == 0


@pytest.mark.parametrize("compression", ENCODERS)
def test_random_damage_ends_in_an_image_or_in_our_own_error(compression: int) -> None:
    random = np.random.default_rng(compression)
    whole = _grey_strips([ENCODERS[compression](strip) for strip in STRIPS], compression)
    for _ in range(150):
        data = bytearray(whole)
        for position in random.integers(0, len(data), 3):
            data[position] = random.integers(0, 256)
        with contextlib.suppress(ServiceError):
            assert decode_image(bytes(data), LIMITS).shape[2] == 3


def test_the_writer_of_these_tests_is_read_alike_by_others() -> None:
    data = tiff_of(RGB.astype(np.uint16) * 257, 2, 16, ">", planar=True)
    np.testing.assert_array_equal(tifffile.imread(io.BytesIO(data)) // 257, RGB.transpose(2, 0, 1))
