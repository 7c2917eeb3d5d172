"""Takes strips of colour and alpha out of the decoded samples of a TIFF file."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.images.color_profile import eight_bits
from services.images.sample_range import SampleRange
from services.images.samples import ColorModel, Strip

_OLD_PALETTE_MAX: Final = 255
"""Old writers fill the 16-bit ColorMap with 8-bit values."""


@dataclass(frozen=True)
class Palette:
    """The ColorMap of a file, uint16 [3, N]."""

    colors: NDArray[np.uint16]

    def looked_up(self, indices: NDArray[Any]) -> NDArray[np.uint16]:
        """Return the colours of indices [H, W], uint16 [H, W, 3]."""
        scale = 257 if self.colors.max() <= _OLD_PALETTE_MAX else 1
        table = (self.colors.T * np.uint16(scale)).astype(np.uint16)
        return np.take(table, indices, axis=0, mode="clip")


@dataclass(frozen=True)
class Layout:
    """Meaning of the samples of a pixel.

    Attributes:
        model: Colour model.
        colors: Number of samples of colour, which are the first ones.
        count: Number of all samples.
        bits: Bits of a sample in the file.
        inverted: Whether zero is white.
        alpha: Index of the sample of alpha; None without.
        premultiplied: Whether the colours are multiplied by alpha.
        signed_lab: Whether a* and b* are signed (PhotometricInterpretation 8).
        palette: Colours of the indices; None where the samples are colours.
    """

    model: ColorModel
    colors: int
    count: int
    bits: int
    inverted: bool
    alpha: int | None
    premultiplied: bool
    signed_lab: bool
    palette: Palette | None


@dataclass(frozen=True)
class TiffRows:
    """Decoded samples [H, W, count], and the ranges of their colours and of their alpha."""

    values: NDArray[Any]
    layout: Layout
    span: SampleRange
    alpha_span: SampleRange

    def strip(self, top: int, bottom: int) -> Strip:
        """Return the strip of these rows."""
        values, layout = self.values[top:bottom], self.layout
        colors = self._colors(values[..., 0] if layout.colors == 1 else values[..., : layout.colors])
        if layout.alpha is None:
            return colors, None
        alpha = self.alpha_span.scaled(values[..., layout.alpha])
        if layout.premultiplied:
            colors = _divided(colors, alpha)
        return colors, eight_bits(alpha)

    def _colors(self, values: NDArray[Any]) -> NDArray[Any]:
        if self.layout.palette is not None:
            return self.layout.palette.looked_up(values)
        if self.layout.model == "LAB":
            return _lab16(values, self.layout.signed_lab)
        levels = self.span.scaled(values)
        return ~levels if self.layout.inverted else levels


def _divided(colors: NDArray[Any], alpha: NDArray[Any]) -> NDArray[np.uint16]:
    """Return premultiplied levels divided by alpha, as uint16 levels; colours without alpha are black."""
    weight = alpha.astype(np.float64)[..., None] / np.iinfo(alpha.dtype).max
    levels = (colors if colors.ndim == 3 else colors[..., None]) / np.float64(np.iinfo(colors.dtype).max)
    straight = np.divide(levels, weight, out=np.zeros_like(levels), where=weight > 0)
    scaled: NDArray[np.uint16] = np.rint(np.minimum(straight, 1) * 65535).astype(np.uint16)
    return scaled.reshape(colors.shape)


def _lab16(values: NDArray[Any], signed: bool) -> NDArray[np.uint16]:
    """Return L*, a*, b* of 8 or 16 bits in the 16-bit encoding of ICC version 4 (0 to 100, -128 to 127)."""
    bits = values.dtype.itemsize * 8
    unsigned = values.view(f"u{bits // 8}") ^ np.array(
        [0, *[(2 ** (bits - 1)) * signed] * 2], f"u{bits // 8}"
    )
    if bits == 8:
        return np.asarray(np.multiply(unsigned, 257, dtype=np.uint16))
    # 16 bits of a* and b* are 256 steps a unit here and 257 there; so is L* in ICC L*a*b*.
    factor = np.array([1 if signed else 257 / 256, 257 / 256, 257 / 256])
    encoded: NDArray[np.uint16] = np.minimum(np.rint(unsigned * factor), 65535).astype(np.uint16)
    return encoded
