"""Converts a loaded Pillow image of any mode to the upright 8-bit RGB array."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from domain.arrays import Rgb

PIXELS_PER_STRIP: Final = 2**18
"""Converted at a time, in whole rows: what is needed beside the image and the array stays small."""

_INTEGER_GREY: Final = frozenset({"I;16", "I;16L", "I;16B", "I;16N", "I"})

# How the file's pixels lie in the upright array, by EXIF orientation: transposed, row step, column step.
_EXIF_ORIENTATIONS: Final = {
    1: (False, 1, 1),
    2: (False, 1, -1),
    3: (False, -1, -1),
    4: (False, -1, 1),
    5: (True, 1, 1),
    6: (True, -1, 1),
    7: (True, -1, -1),
    8: (True, 1, -1),
}


def upright_rgb(image: Image.Image, orientation: int) -> Rgb:
    """uint8 [H, W, 3], C-contiguous, after EXIF `orientation` (1 to 8) has been applied.

    Alpha is composited on white. Integer grey deeper than 8 bit is scaled from 0..65535, float grey from
    the smallest of 0..1, 0..255 and 0..65535 that holds it; grey that fits none, from its own extremes.
    """
    transposed, down, across = _EXIF_ORIENTATIONS[orientation]
    width, height = image.size
    rgb: Rgb = np.empty((width, height, 3) if transposed else (height, width, 3), np.uint8)
    as_stored = (rgb.swapaxes(0, 1) if transposed else rgb)[::down, ::across]
    if image.mode in _INTEGER_GREY or image.mode == "F":
        as_stored[:] = _grey8(np.asarray(image), image.mode)[..., None]
    else:
        _copy_strips(image, as_stored)
    return rgb


def _copy_strips(image: Image.Image, target: Rgb) -> None:
    rows = max(1, PIXELS_PER_STRIP // image.width)
    for top in range(0, image.height, rows):
        bottom = min(top + rows, image.height)
        target[top:bottom] = np.asarray(_rgb(image.crop((0, top, image.width, bottom))))


def _rgb(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    rgba = image.convert("RGBA")
    white = Image.new("RGB", image.size, "white")
    white.paste(rgba, mask=rgba)
    return white


def _grey8(grey: NDArray[Any], mode: str) -> NDArray[np.uint8]:
    """uint8 [H, W] of deeper grey [H, W]; not-a-number becomes black."""
    finite = grey[np.isfinite(grey)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    black, white = _range(low, high, (65535.0,) if mode in _INTEGER_GREY else (1.0, 255.0, 65535.0))
    scaled = (grey.astype(np.float32) - np.float32(black)) * np.float32(255 / (white - black))
    levels: NDArray[np.uint8] = np.clip(np.nan_to_num(np.rint(scaled)), 0, 255).astype(np.uint8)
    return levels


def _range(low: float, high: float, usual: tuple[float, ...]) -> tuple[float, float]:
    """The values that become black and white, for grey that spans `low` to `high`."""
    if low >= 0 and high <= usual[-1]:
        return 0.0, next(white for white in usual if high <= white)
    return low, max(high, low + 1.0)
