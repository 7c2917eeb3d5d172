"""Colours of profiles in every container, against the formula of their primaries and gamma."""

import io
import struct
import zlib
from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from services.images.decode import decode_image, read_image
from services.images.upright import upright_rgb
from tests.unit.services.images.files import (
    SRGB_PRIMARIES,
    WIDE_SPACES,
    chunk,
    icc_profile,
    in_space,
    iso_media,
    picture,
    png,
    saved,
    tiff_of,
)

COLORS = np.repeat(np.repeat(picture()[::8, ::8], 8, axis=0), 8, axis=1)  # patches: a JPEG keeps them
LOSSLESS = {"PNG": {}, "TIFF": {}, "WEBP": {"lossless": True}, "JPEG": {"quality": 100, "subsampling": 0}}
ADOBE_PRIMARIES = (31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000)
SRGB_CHROMATICITIES = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)


def stored_in(space: str, white: int = 255) -> NDArray[Any]:
    primaries, gamma = WIDE_SPACES[space]
    numbers = np.rint(in_space(COLORS, primaries, gamma) * white)
    return numbers.astype(np.uint8 if white == 255 else np.uint16)


def expected_of(space: str, stored: NDArray[Any], white: int = 255) -> NDArray[np.float64]:
    """The sRGB levels that stand for stored numbers, by the formula."""
    primaries, gamma = WIDE_SPACES[space]
    linear = (stored / white) ** (round(gamma * 256) / 256) @ np.array(primaries).T
    linear = np.clip(linear @ np.linalg.inv(np.array(SRGB_PRIMARIES)).T, 0, 1)
    return 255 * np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize(("file_format", "space"), [*product(LOSSLESS, WIDE_SPACES)])
def test_rgb_profiles(file_format: str, space: str, orientation: int) -> None:
    exif, stored = Image.Exif(), stored_in(space)
    exif[0x0112] = orientation
    profile = icc_profile(b"RGB ", WIDE_SPACES[space][1], WIDE_SPACES[space][0])
    image = Image.fromarray(stored)
    data = saved(image, file_format, icc_profile=profile, exif=exif, **LOSSLESS[file_format])
    expected = expected_of(space, stored)
    upright = np.rot90(expected, -1) if orientation == 6 else expected
    error = np.abs(decode_image(data) - upright)
    assert error.mean() < (1.5 if file_format == "JPEG" else 0.6)
    assert error.max() <= 2 or file_format == "JPEG"


@pytest.mark.parametrize("file_format", LOSSLESS)
@pytest.mark.parametrize("gamma", [1.0, 1.8, 2.2])
@pytest.mark.parametrize("space", [b"GRAY", b"RGB "])
def test_grey_with_a_profile(space: bytes, gamma: float, file_format: str) -> None:
    grey = np.tile(np.arange(0, 256, 4, dtype=np.uint8).repeat(4), (32, 1))
    profile = icc_profile(space, gamma, SRGB_PRIMARIES)
    image = Image.fromarray(grey).convert("RGB" if file_format == "WEBP" and space == b"RGB " else "L")
    if file_format == "WEBP" and space == b"GRAY":
        return  # WebP has no grey
    data = saved(image, file_format, icc_profile=profile, **LOSSLESS[file_format])
    linear = (grey / 255) ** (round(gamma * 256) / 256)
    expected = 255 * np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    assert np.abs(decode_image(data) - expected[..., None]).max() <= 2


@pytest.mark.parametrize("color_type", [0, 4])
@pytest.mark.parametrize("bits", [8, 16])
def test_grey_png_of_any_depth_with_a_profile(bits: int, color_type: int) -> None:
    grey = np.tile(np.arange(0, 256, 4).repeat(2), (32, 1))
    opaque = np.full_like(grey, 255)
    samples = np.dstack([grey, opaque] if color_type == 4 else [grey]) * (257 if bits == 16 else 1)
    profile = chunk(b"iCCP", b"x\0\0" + zlib.compress(icc_profile(b"GRAY", 1.0)))
    decoded = read_image(png(samples.astype(f"u{bits // 8}"), bits, color_type, [profile]))
    linear = grey / 255
    expected = 255 * np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    assert np.abs(decoded.rgb - expected[..., None]).max() <= 1
    assert not decoded.warnings


def test_palettes_and_transparent_pixels_go_through_the_profile() -> None:
    profile = icc_profile(b"RGB ", 1.8, WIDE_SPACES["ProPhoto"][0])
    opaque = Image.fromarray(stored_in("ProPhoto"))
    expected = decode_image(saved(opaque, "PNG", icc_profile=profile)).astype(int)
    palette = opaque.quantize(64)
    rgb = decode_image(saved(palette, "PNG", icc_profile=profile))
    direct = decode_image(saved(palette.convert("RGB"), "PNG", icc_profile=profile))
    np.testing.assert_array_equal(rgb, direct)
    half = opaque.copy()
    half.putalpha(128)
    for file_format in ("PNG", "TIFF", "WEBP"):
        data = saved(half, file_format, icc_profile=profile, **LOSSLESS[file_format])
        assert np.abs(decode_image(data) - (expected * 128 + 255 * 127) / 255).max() <= 1


@pytest.mark.parametrize("space", WIDE_SPACES)
@pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
def test_sixteen_bits_are_converted_before_they_become_eight(file_format: str, space: str) -> None:
    stored = stored_in(space, 65535)
    profile = icc_profile(b"RGB ", WIDE_SPACES[space][1], WIDE_SPACES[space][0])
    if file_format == "PNG":
        data = png(stored, 16, 2, [chunk(b"iCCP", b"x\0\0" + zlib.compress(profile))])
    else:
        data = tiff_of(stored, 2, 16, tags=[(34675, 7, list(profile))])
    assert np.abs(decode_image(data) - expected_of(space, stored, 65535)).max() <= 1


def test_linear_sixteen_bits_do_not_band() -> None:
    ramp = np.repeat(np.linspace(0, 2000, 64).astype(np.uint16)[None], 32, axis=0)
    data = tiff_of(ramp[..., None], 1, 16, tags=[(34675, 7, list(icc_profile(b"GRAY", 1.0)))])
    levels = np.unique(decode_image(data)[0, :, 0])
    assert len(levels) > 40
    assert np.diff(levels).max() <= 7


def _lookup_profile() -> bytes:
    """A CMYK profile of a table: ink on paper, R = (1 - C)(1 - K) in Lab of two points an axis."""
    grid = np.stack(np.meshgrid(*[[0.0, 1.0]] * 4, indexing="ij"), -1).reshape(-1, 4)
    light = (1 - grid[:, :3].mean(axis=1)) * (1 - grid[:, 3])
    lab = np.stack([light * 65280, np.full(16, 32768), np.full(16, 32768)], -1).astype(">u2")
    identity = struct.pack(">9i", *(65536 * value for value in (1, 0, 0, 0, 1, 0, 0, 0, 1)))
    table = b"mft2\0\0\0\0" + bytes([4, 3, 2, 0]) + identity + struct.pack(">2H", 2, 2)
    table += struct.pack(">8H", *(0, 65535) * 4) + lab.tobytes() + struct.pack(">6H", *(0, 65535) * 3)
    rest = icc_profile(b"GRAY", 1.0)
    body, start = table + b"\0" * (-len(table) % 4), 128 + 4 + 12
    head = bytearray(rest[:128])
    head[:4], head[12:24] = struct.pack(">I", start + len(body)), b"prtrCMYKLab "
    return bytes(head) + struct.pack(">I4s2I", 1, b"A2B0", start, len(table)) + body


@pytest.mark.parametrize("file_format", ["JPEG", "TIFF"])
def test_inks_with_a_profile(file_format: str) -> None:
    inks = np.asarray(Image.fromarray(COLORS).convert("CMYK"))
    profile = _lookup_profile()
    data = saved(Image.fromarray(inks, "CMYK"), file_format, icc_profile=profile, **LOSSLESS[file_format])
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    stored = Image.open(io.BytesIO(data)).convert("CMYK")
    expected = ImageCms.profileToProfile(stored, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    assert np.abs(decode_image(data).astype(int) - np.asarray(expected)).max() <= 2
    assert np.abs(decode_image(data).astype(int) - COLORS).mean() > 10


def test_a_profile_in_many_segments_is_applied() -> None:
    profile = icc_profile(b"RGB ", 1.8, WIDE_SPACES["ProPhoto"][0])
    stored = stored_in("ProPhoto")
    data = saved(Image.fromarray(stored), "JPEG", icc_profile=profile + bytes(150_000), **LOSSLESS["JPEG"])
    assert data.count(b"ICC_PROFILE\0") > 2
    assert np.abs(decode_image(data) - expected_of("ProPhoto", stored)).mean() < 1.5


@pytest.mark.parametrize("file_format", LOSSLESS)
@pytest.mark.parametrize(
    ("profile", "reason"),
    [
        (b"no profile at all" * 20, "damaged"),
        (icc_profile(b"RGB ", 2.2, SRGB_PRIMARIES)[:200], "LittleCMS cannot use it"),
        (icc_profile(b"GRAY", 1.0), "'GRAY' colours and the pixels are RGB"),
        (_lookup_profile(), "'CMYK' colours and the pixels are RGB"),
    ],
)
def test_a_profile_that_does_not_fit_is_told(profile: bytes, reason: str, file_format: str) -> None:
    options = LOSSLESS[file_format]
    decoded = read_image(saved(Image.fromarray(COLORS), file_format, icc_profile=profile, **options))
    plain = decode_image(saved(Image.fromarray(COLORS), file_format, **options))
    np.testing.assert_array_equal(decoded.rgb, plain)
    assert reason in decoded.warnings[0]


@pytest.mark.parametrize("file_format", LOSSLESS)
def test_srgb_stays_as_it_is(file_format: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    decoded = read_image(
        saved(Image.fromarray(COLORS), file_format, icc_profile=profile, **LOSSLESS[file_format])
    )
    plain = decode_image(saved(Image.fromarray(COLORS), file_format, **LOSSLESS[file_format]))
    np.testing.assert_array_equal(decoded.rgb, plain)
    assert not decoded.warnings


def _gama(gamma: float) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", round(gamma * 100_000)))


def _chrm(values: tuple[int, ...]) -> bytes:
    return chunk(b"cHRM", struct.pack(">8I", *values))


SRGB_CHUNK = chunk(b"sRGB", b"\0")


@pytest.mark.parametrize(
    ("chunks", "space"),
    [
        ([_gama(1 / 2.19921875), _chrm(ADOBE_PRIMARIES)], "AdobeRGB"),
        ([_gama(1.0)], "linear"),
        ([_gama(1.0), _chrm(SRGB_CHROMATICITIES)], "linear"),
        ([chunk(b"cICP", bytes([1, 8, 0, 1]))], "linear"),
        ([chunk(b"cICP", bytes([1, 8, 0, 1])), SRGB_CHUNK], "linear"),
        ([_gama(1 / 2.2)], "sRGB"),
        ([_gama(1 / 2.2), _chrm(SRGB_CHROMATICITIES)], "sRGB"),
        ([_gama(1.0), SRGB_CHUNK], "sRGB"),
        ([chunk(b"cICP", bytes([1, 13, 0, 1])), _gama(1.0)], "sRGB"),
        ([chunk(b"cICP", bytes([9, 16, 0, 1]))], "told"),
        ([chunk(b"cICP", bytes([1, 13]))], "told"),
        ([_gama(0)], "told"),
    ],
)
@pytest.mark.parametrize("bits", [8, 16])
def test_colors_that_a_png_describes_in_chunks(bits: int, chunks: list[bytes], space: str) -> None:
    plain = space in ("sRGB", "told")
    white = 2**bits - 1
    stored = COLORS.astype(np.uint16) * (white // 255) if plain else stored_in(space, white)
    decoded = read_image(png(stored.astype(f"u{bits // 8}"), bits, 2, chunks))
    expected = COLORS if plain else expected_of(space, stored, white)
    assert np.abs(decoded.rgb - expected.astype(float)).max() <= (0 if plain else 2)
    assert bool(decoded.warnings) == (space == "told")


def _adobe_exif(space: int, index: bytes) -> bytes:
    """EXIF with ColorSpace and InteroperabilityIndex."""
    exif = struct.pack("<HHHII", 1, 0x8769, 4, 1, 26) + bytes(4)
    details = struct.pack("<H", 2) + struct.pack("<HHIHH", 0xA001, 3, 1, space, 0)
    details += struct.pack("<HHII", 0xA005, 4, 1, 26 + 2 + 24 + 4) + bytes(4)
    interop = struct.pack("<HHHI4s", 1, 1, 2, 4, index) + bytes(4)
    return b"Exif\0\0II*\0" + struct.pack("<I", 8) + exif + details + interop


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    ("space", "index", "wide"),
    [(2, b"R98\0", True), (0xFFFF, b"R03\0", True), (1, b"R98\0", False), (0xFFFF, b"R98\0", False)],
)
def test_the_mark_of_adobe_rgb_in_exif(space: int, index: bytes, wide: bool, file_format: str) -> None:
    stored = stored_in("AdobeRGB")
    data = saved(
        Image.fromarray(stored), file_format, exif=_adobe_exif(space, index), **LOSSLESS[file_format]
    )
    expected = expected_of("AdobeRGB", stored) if wide and file_format != "PNG" else stored
    assert np.abs(decode_image(data) - expected.astype(float)).mean() < 1.5


def _bmp(kind: bytes, profile: bytes = b"", ends: Any = (0,) * 9, gamma: float = 0) -> bytes:
    """A BMP of 24 bits with a version 5 header."""
    rows = np.ascontiguousarray(stored_in("linear")[::-1, :, ::-1]).tobytes()
    height, width = COLORS.shape[:2]
    head = struct.pack("<IiiHHIIiiII", 124, width, height, 1, 24, 0, len(rows), 0, 0, 0, 0) + bytes(16) + kind
    head += struct.pack("<9i", *(round(value * 2**30) for value in ends)) + struct.pack(
        "<3I", *[round(gamma * 65536)] * 3
    )
    head += struct.pack("<4I", 4, 124 + len(rows) if profile else 0, len(profile), 0)
    return b"BM" + struct.pack("<IHHI", 138 + len(rows) + len(profile), 0, 0, 138) + head + rows + profile


@pytest.mark.parametrize(
    ("data", "wide"),
    [
        (_bmp(b"DEBM", icc_profile(b"RGB ", 1.0, SRGB_PRIMARIES)), True),
        (
            _bmp(
                b"\0\0\0\0",
                ends=(0.4124, 0.2126, 0.0193, 0.3576, 0.7152, 0.1192, 0.1805, 0.0722, 0.9505),
                gamma=1,
            ),
            True,
        ),
        (_bmp(b"\0\0\0\0"), False),
        (_bmp(b"BGRs"), False),
    ],
)
def test_the_color_space_of_a_bmp(data: bytes, wide: bool) -> None:
    stored = stored_in("linear")
    expected = expected_of("linear", stored) if wide else stored
    assert np.abs(decode_image(data) - expected.astype(float)).max() <= 2


@pytest.mark.parametrize("file_format", ["HEIF", "AVIF"])
@pytest.mark.parametrize("space", WIDE_SPACES)
def test_profiles_of_iso_media(space: str, file_format: str) -> None:
    stored = stored_in(space)
    image = Image.fromarray(stored)
    image.info["icc_profile"] = icc_profile(b"RGB ", WIDE_SPACES[space][1], WIDE_SPACES[space][0])
    data = iso_media(image, file_format, icc_profile=image.info["icc_profile"])
    assert np.abs(decode_image(data) - expected_of(space, stored)).mean() < 3.5


@pytest.mark.parametrize(
    ("codes", "linear", "told"),
    [((1, 13), False, False), ((2, 2), False, False), ((1, 8), True, False), ((9, 16), False, True)],
)
def test_colors_that_an_avif_describes_by_codes(codes: tuple[int, int], linear: bool, told: bool) -> None:
    stored = stored_in("linear")
    data = iso_media(Image.fromarray(stored), "AVIF")
    written = data.replace(b"colrnclx\0\1\0\r", b"colrnclx" + struct.pack(">2H", *codes))
    decoded = read_image(written)
    expected = expected_of("linear", stored) if linear else stored.astype(float)
    assert np.abs(decoded.rgb - expected).mean() < 3.5
    assert bool(decoded.warnings) == told


def test_images_of_python_callers_are_converted() -> None:
    stored = stored_in("AdobeRGB")
    profile = icc_profile(b"RGB ", WIDE_SPACES["AdobeRGB"][1], WIDE_SPACES["AdobeRGB"][0])
    image = Image.open(io.BytesIO(saved(Image.fromarray(stored), "PNG", icc_profile=profile)))
    assert np.abs(upright_rgb(image) - expected_of("AdobeRGB", stored)).max() <= 1
    lab = Image.fromarray(COLORS).convert("LAB")
    assert np.abs(upright_rgb(lab).astype(int) - COLORS).mean() < 2


@pytest.mark.parametrize("most", [None, 400])
def test_a_jpeg_that_is_decoded_smaller_has_the_same_colors(most: int | None) -> None:
    profile = icc_profile(b"RGB ", 1.8, WIDE_SPACES["ProPhoto"][0])
    stored = np.full((160, 160, 3), 90, np.uint8)
    data = saved(Image.fromarray(stored), "JPEG", icc_profile=profile, quality=95)
    expected = expected_of("ProPhoto", stored)[0, 0]
    assert np.abs(decode_image(data, shrink_to_pixels=most)[0, 0] - expected).max() <= 2
