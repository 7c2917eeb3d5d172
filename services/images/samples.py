"""Defines `Samples`, the pixels of a file before they are converted, and `DecodedImage`, the result."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from numpy.typing import NDArray

from domain.arrays import Rgb
from domain.image import Background

ColorModel = Literal["L", "RGB", "CMYK", "LAB"]
"""Meaning of the colour samples, as Pillow names it: grey, RGB, inks (0 is no ink), CIE L*a*b* of D50."""

Transparency = Literal["none", "color", "channel"]
"""Kind of transparency of a file: none, transparent colours, or degrees of alpha."""

Strip = tuple[NDArray[Any], NDArray[Any] | None]
"""Rows: colour, uint8 or uint16 [H, W] or [H, W, C], not premultiplied, and alpha, uint8 [H, W]."""

PIXELS_PER_STRIP: Final = 2**20
"""Pixels converted at a time, in whole rows, so that little memory is needed beside image and array."""


@dataclass(frozen=True)
class Samples:
    """Pixels as a file stores them, with what it says about them.

    Attributes:
        width: Width of the stored image in pixels, before it is turned upright.
        height: Height of the stored image in pixels.
        model: Meaning of the colour samples. CIE L*a*b* is in the 16-bit encoding of ICC version 4.
        rows: Returns the strip from one row to another, exclusive.
        profile: ICC profile of the colours; None means sRGB, grey or inks without a definition.
        orientation: EXIF orientation, 1 to 8.
        transparency: Kind of transparency; alpha is None for "none".
        warnings: Sentences about what in the file was not used, or was guessed.
    """

    width: int
    height: int
    model: ColorModel
    rows: Callable[[int, int], Strip]
    profile: bytes | None = None
    orientation: int = 1
    transparency: Transparency = "none"
    warnings: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class DecodedImage:
    """An image as a colour-managed viewer shows it.

    Attributes:
        rgb: uint8 [H, W, 3], sRGB, upright, C-contiguous.
        background: Colour behind transparent pixels; None if the file has no transparency.
        warnings: Sentences about what in the file was not used, or was guessed.
    """

    rgb: Rgb
    background: Background | None = None
    warnings: tuple[str, ...] = field(default=())
