"""Converts colours to sRGB, by the ICC profile of a file, with LittleCMS.

The rendering intent is perceptual, without black point compensation, as in browsers; for profiles of matrix
and curves all intents are the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from domain.arrays import Rgb
from services.images.samples import ColorModel

_PROFILES: Final[dict[bytes, ColorModel]] = {b"GRAY": "L", b"RGB ": "RGB", b"CMYK": "CMYK", b"Lab ": "LAB"}
_SPACES: Final[dict[ColorModel, str]] = {"L": "gray", "RGB": "rgb", "CMYK": "cmyk", "LAB": "lab"}
_SRGB: Final = bytes(imagecodecs.cms_profile("srgb"))
_LAB: Final = bytes(ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes())
_PERCEPTUAL: Final = 0

# LittleCMS's shortcut for 16 bits is a coarse table of colours, off by up to 20 levels near black; so is that
# for 8 bits of grey.
_NOT_OPTIMIZED: Final = 0x100

Conversion = Callable[[NDArray[Any]], Rgb]
"""Converts colours uint8 or uint16 [H, W] or [H, W, C] to sRGB, uint8 [H, W, 3]."""


@dataclass(frozen=True)
class _Verdict:
    """What is done with a profile: it is applied, or skipped as sRGB, or as unfit with a reason."""

    applied: bool
    problem: str | None = None


def srgb_conversion(model: ColorModel, profile: bytes | None) -> tuple[Conversion, str | None]:
    """Return the conversion of colours to sRGB, and a sentence if the profile could not be used.

    Without a profile, or with one that is sRGB to a level, grey and RGB stay as they are, inks become RGB
    by the formula of Pillow, and CIE L*a*b* is taken relative to D50. Grey may have an RGB profile, too.
    """
    used = _LAB if profile is None and model == "LAB" else profile
    if used is None:
        return _plain(model), None
    verdict = _judged(used, model)
    if not verdict.applied:
        return _plain(model), verdict.problem
    if model == "L":
        return lambda grey: _converted_grey(grey, used), None
    return lambda colors: _converted(colors, used, model), None


def eight_bits(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Return uint8 or uint16 levels as uint8, rounded."""
    if values.dtype == np.uint8:
        return values
    return ((values.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)


def _converted(colors: NDArray[Any], profile: bytes, model: ColorModel) -> Rgb:
    converted: Rgb = imagecodecs.cms_transform(
        np.ascontiguousarray(colors),
        profile,
        _SRGB,
        colorspace=_SPACES[model],
        outcolorspace="rgb",
        outdtype="uint8",
        intent=_PERCEPTUAL,
        flags=_NOT_OPTIMIZED if colors.dtype == np.uint16 else 0,
    )
    return converted


def _converted_grey(grey: NDArray[Any], profile: bytes) -> Rgb:
    """Convert grey by a grey or an RGB profile; 8 bits by a table of exact values."""
    if grey.dtype == np.uint8:
        levels = np.arange(256, dtype=np.uint16)[None] * np.uint16(257)
        table: Rgb = _converted_grey(levels, profile)[0]
        return np.take(table, grey, axis=0)
    if _model_of(profile) == "RGB":
        return _converted(np.repeat(grey[..., None], 3, axis=2), profile, "RGB")
    return _converted(grey, profile, "L")


def _plain(model: ColorModel) -> Conversion:
    if model == "LAB":
        return lambda colors: _converted(colors, _LAB, "LAB")
    return _rgb_of_inks if model == "CMYK" else _rgb_as_it_is


def _rgb_as_it_is(colors: NDArray[Any]) -> Rgb:
    levels = eight_bits(colors)
    return levels if levels.ndim == 3 else np.repeat(levels[..., None], 3, axis=2)


def _rgb_of_inks(colors: NDArray[Any]) -> Rgb:
    inks = np.ascontiguousarray(eight_bits(colors))
    height, width = inks.shape[:2]
    return np.asarray(Image.frombytes("CMYK", (width, height), inks.tobytes()).convert("RGB"))


def _model_of(profile: bytes) -> ColorModel | None:
    return _PROFILES.get(profile[16:20])


@lru_cache(maxsize=64)
def _judged(profile: bytes, model: ColorModel) -> _Verdict:
    described = _model_of(profile)
    if len(profile) < 128 or profile[36:40] != b"acsp":
        return _Verdict(False, _ignored("it is damaged"))
    if described is None or (described != model and (model, described) != ("L", "RGB")):
        space = profile[16:20].decode("latin-1").strip()
        return _Verdict(False, _ignored(f"it describes {space!r} colours and the pixels are {model}"))
    probe = _probe(described)
    try:
        shown = _converted(probe, profile, described)
    except imagecodecs.CmsError:
        return _Verdict(False, _ignored("LittleCMS cannot use it"))
    if described in ("CMYK", "LAB"):
        return _Verdict(True)
    return _Verdict(bool((np.abs(_rgb_as_it_is(probe).astype(int) - shown) > 1).any()))


def _ignored(reason: str) -> str:
    return f"The colour profile was not applied: {reason}."


def _probe(model: ColorModel) -> NDArray[np.uint8]:
    """Return colours all over the cube of a colour model, uint8 [1, N] or [1, N, C]."""
    levels = np.arange(0, 256, 15 if model != "CMYK" else 85, dtype=np.uint8)
    if model == "L":
        return np.arange(256, dtype=np.uint8)[None]
    axes = np.meshgrid(*[levels] * (4 if model == "CMYK" else 3), indexing="ij")
    return np.stack(axes, -1).reshape(1, -1, len(axes))
