"""Finds the colour profile of a Pillow image, or makes one from what the file says in other words.

PNG: the first of cICP, iCCP, sRGB, and gAMA with cHRM, as PNG's specification orders them. HEIC and AVIF: the
profile, or the box colr of kind nclx. BMP: the embedded
profile or the end points of a version 4 or 5 header. EXIF: the mark of Adobe RGB (DCF 2.0), which cameras set
instead of a profile.
"""

import struct
from collections.abc import Callable, Sequence
from typing import Final

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from PIL import Image

_D65: Final = (0.3127, 0.3290)
_PRIMARIES: Final[dict[int, tuple[float, ...]]] = {  # ITU-T H.273: white, red, green, blue
    1: (*_D65, 0.640, 0.330, 0.300, 0.600, 0.150, 0.060),
    5: (*_D65, 0.640, 0.330, 0.290, 0.600, 0.150, 0.060),
    6: (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    7: (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    9: (*_D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    11: (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    12: (*_D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
}
_UNSPECIFIED: Final = 2
_SRGB_PRIMARIES: Final = _PRIMARIES[1]
_ADOBE_RGB: Final = (*_D65, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)

_USUAL_GAMMA: Final = 2.2
_USUAL_GAMMA_SHARE: Final = 0.05
"""A gAMA nearer to 1/2.2 than by this share stands for sRGB's own curve, as in libpng."""

_EXIF_COLOR_SPACE: Final = 0xA001
_EXIF_IFD: Final = 0x8769
_INTEROPERABILITY_IFD: Final = 0xA005

Curve = Callable[[NDArray[np.float64]], NDArray[np.float64]]
Found = tuple[bytes | None, str | None]
"""A profile (None: sRGB), and a sentence about a definition of colours that could not be read."""


def profile_of(image: Image.Image, data: bytes) -> Found:
    """Return the colour profile of a loaded image, None for sRGB, and a sentence about what was not read.

    Args:
        image: The image, with the metadata that Pillow read.
        data: The whole file.
    """
    if image.format == "PNG" and (cicp := _png_chunk(data, b"cICP")) is not None:
        return _cicp_profile(cicp)
    if "icc_profile" in image.info:
        profile = image.info["icc_profile"]
        return (profile, None) if profile else (None, "The colour profile was not applied: it is damaged.")
    if image.format == "PNG":
        if _png_chunk(data, b"iCCP") is not None:
            return None, "The colour profile was not applied: it is damaged."
        return (None, None) if "srgb" in image.info else _gamma_profile(image)
    if image.format in ("HEIF", "AVIF"):
        return _nclx_profile(data)
    if image.format == "BMP":
        return _bmp_profile(data)
    return (_adobe_rgb() if _is_adobe_rgb(image) else None), None


def _png_chunk(data: bytes, name: bytes) -> bytes | None:
    """Return the body of the first chunk `name` before the pixels; None if there is none."""
    at = 8
    while at + 8 <= len(data):
        length, found = struct.unpack_from(">I4s", data, at)
        if found == name:
            return data[at + 8 : at + 8 + length]
        if found == b"IDAT":
            return None
        at += 12 + length
    return None


def _cicp_profile(chunk: bytes) -> Found:
    if len(chunk) != 4:
        return None, "The cICP chunk was not applied: it is damaged."
    primaries, transfer, matrix, full_range = chunk
    if matrix or full_range != 1:
        return None, f"The cICP chunk was not applied: matrix {matrix}, range {full_range} is not supported."
    return _coded_profile(primaries, transfer)


def _nclx_profile(data: bytes) -> Found:
    """Read the first box colr of kind nclx of a HEIC or AVIF file."""
    at = data.find(b"colrnclx")
    if not 0 <= at <= len(data) - 12:
        return None, None
    return _coded_profile(*struct.unpack_from(">2H", data, at + 8))


def _coded_profile(primaries: int, transfer: int) -> Found:
    """Return the profile of code points of ITU-T H.273; what is unspecified is that of sRGB."""
    primaries = 1 if primaries == _UNSPECIFIED else primaries
    transfer = 13 if transfer == _UNSPECIFIED else transfer
    if (primaries, transfer) == (1, 13):
        return None, None
    if primaries not in _PRIMARIES or transfer not in _CURVES:
        return (
            None,
            f"Colours were not converted: primaries {primaries}, transfer {transfer} are not supported.",
        )
    return _rgb_profile(_PRIMARIES[primaries], _CURVES[transfer]), None


def _gamma_profile(image: Image.Image) -> Found:
    primaries = _white_first(image.info.get("chromaticity", _SRGB_PRIMARIES))
    gamma: float | None = image.info.get("gamma")
    usual = gamma is None or abs(gamma * _USUAL_GAMMA - 1) < _USUAL_GAMMA_SHARE
    if usual and np.allclose(primaries, _SRGB_PRIMARIES, atol=0.002):
        return None, None
    if gamma is not None and not 0.1 <= gamma <= 10:
        return None, f"The gAMA chunk was not applied: {gamma:g} is no usable gamma."
    curve = _srgb_curve if gamma is None else _power(1 / gamma)
    try:
        return _rgb_profile(primaries, curve), None
    except (imagecodecs.CmsError, ValueError):
        return None, "The cHRM chunk was not applied: LittleCMS cannot use its primaries."


def _bmp_profile(data: bytes) -> Found:
    """Read the colour space of a BITMAPV4HEADER or BITMAPV5HEADER."""
    size = int.from_bytes(data[14:18], "little")
    kind = data[70:74] if size >= 108 else b""
    if kind == b"DEBM" and size >= 124:
        offset, length = struct.unpack_from("<II", data, 126)
        profile = data[14 + offset : 14 + offset + length]
        return (profile, None) if length else (None, None)
    if kind == b"\0\0\0\0":
        return _calibrated(data)
    return None, None


def _calibrated(data: bytes) -> Found:
    """Make the profile of LCS_CALIBRATED_RGB: CIE XYZ of red, green and blue, and a gamma for each."""
    ends = np.array(struct.unpack_from("<9i", data, 74)).reshape(3, 3) / 2**30
    gammas = np.array(struct.unpack_from("<3I", data, 110)) / 2**16
    sums = np.append(ends.sum(axis=1), ends.sum())
    if (sums <= 0).any() or not ((gammas > 0.1) & (gammas < 10)).all():
        return None, None  # most writers leave these fields empty
    red, green, blue, white = np.vstack([ends, ends.sum(axis=0)])[:, :2] / sums[:, None]
    try:
        return _rgb_profile((*white, *red, *green, *blue), _power(float(gammas.mean()))), None
    except (imagecodecs.CmsError, ValueError):
        return None, "The end points of the BMP header were not applied: LittleCMS cannot use them."


def _is_adobe_rgb(image: Image.Image) -> bool:
    if image.mode not in ("RGB", "RGBA", "L") or "exif" not in image.info:
        return False
    try:
        exif = Image.Image.getexif(image)
        details = exif.get_ifd(_EXIF_IFD)
        interoperability = exif.get_ifd(_INTEROPERABILITY_IFD)
    except Exception:
        return False
    index = str(interoperability.get(1, "")).rstrip("\0")
    space = details.get(_EXIF_COLOR_SPACE)
    return space == 2 or (space in (None, 0xFFFF) and index == "R03")


def _adobe_rgb() -> bytes:
    return _rgb_profile(_ADOBE_RGB, _power(563 / 256))


def _white_first(values: Sequence[float]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def _rgb_profile(primaries: Sequence[float], curve: Curve) -> bytes:
    """Make a profile of the x and y of white, red, green and blue, and a curve from stored to linear."""
    table = np.rint(np.clip(curve(np.linspace(0, 1, 4096)), 0, 1) * 65535).astype(np.uint16)
    return bytes(
        imagecodecs.cms_profile(
            "rgb", whitepoint=primaries[:2], primaries=primaries[2:], transferfunction=table
        )
    )


def _power(gamma: float) -> Curve:
    return lambda stored: stored**gamma


def _srgb_curve(
    stored: NDArray[np.float64],
) -> NDArray[np.float64]:
    return np.where(stored <= 0.04045, stored / 12.92, ((stored + 0.055) / 1.055) ** 2.4)


def _rec709_curve(
    stored: NDArray[np.float64],
) -> NDArray[np.float64]:
    return np.where(stored < 0.081, stored / 4.5, ((stored + 0.099) / 1.099) ** (1 / 0.45))


_CURVES: Final[dict[int, Curve]] = {  # ITU-T H.273; PQ (16) and HLG (18) have no agreed way to sRGB
    **dict.fromkeys((1, 6, 14, 15), _rec709_curve),
    4: _power(2.2),
    5: _power(2.8),
    8: _power(1.0),
    13: _srgb_curve,
}
