"""Reads TIFF files of any samples and layout, with tifffile.

Pillow reads those that libtiff has to convert (JPEG, CCITT, YCbCr); it takes many others for something else:
planes for pixels, white for black, deep samples for shallow ones.
"""

import logging
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from tifffile import COMPRESSION, PHOTOMETRIC, TiffFile, TiffPage

from domain.errors import InvalidImage, TooLarge
from services.images.orientation import xmp_orientation
from services.images.sample_range import SampleRange, sample_range
from services.images.samples import ColorModel, Samples
from services.images.tiff_rows import Layout, Palette, TiffRows
from services.images.tiff_segments import COMPRESSIONS, decoded_samples

logging.getLogger("tifffile").setLevel(logging.CRITICAL)  # it warns of odd tags; nobody can act on that

_MODELS: Final[dict[int, tuple[ColorModel, int]]] = {
    0: ("L", 1),
    1: ("L", 1),
    2: ("RGB", 3),
    3: ("RGB", 1),
    4: ("L", 1),
    5: ("CMYK", 4),
    8: ("LAB", 3),
    9: ("LAB", 3),
}
"""Colour model and number of colour samples by PhotometricInterpretation; of a palette the indices."""

_WHITE_IS_ZERO: Final = 0
_PALETTE: Final = 3
_INKS: Final = 5
_YCBCR: Final = 6

_JPEG: Final = frozenset({6, 7})
_CCITT: Final = frozenset({2, 3, 4})

_ASSOCIATED: Final = 1
_ALPHA: Final = frozenset({_ASSOCIATED, 2, 999})
"""Kinds of extra samples that are alpha; Corel writes 999 for 2."""

_BYTES_PER_PIXEL: Final = 16
"""Memory that a decoded file may take for each pixel that the limit allows."""


@dataclass(frozen=True)
class TiffImage:
    """A page of a TIFF file, with its tags read and its pixels not decoded yet."""

    page: TiffPage
    data: bytes

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, as stored."""
        return self.page.imagewidth, self.page.imagelength

    @property
    def for_pillow(self) -> bool:
        """True if Pillow reads the image, since libtiff has to convert it."""
        return self.page.compression in _JPEG | _CCITT or self.page.photometric == _YCBCR

    def samples(self, max_pixels: int | None) -> Samples:
        """Decode the pixels.

        Args:
            max_pixels: The limit of pixels; the decoded samples may take 16 bytes for each. None: no limit.

        Raises:
            InvalidImage: The file has a compression, meaning or number of samples that is not read.
            TooLarge: The decoded samples would take too much memory.
        """
        layout = _layout_of(self.page)
        _check_memory(self.page, max_pixels)
        values = _values(self.page, self.data)
        profile = self.page.iccprofile
        span = self._range(values, layout, guess=profile is None)
        rows = TiffRows(values, layout, span, _alpha_range(values, layout, span))
        return Samples(
            width=self.page.imagewidth,
            height=self.page.imagelength,
            model=layout.model,
            rows=rows.strip,
            profile=profile,
            orientation=_orientation(self.page),
            transparency="none" if layout.alpha is None else "channel",
            warnings=tuple(sentence for sentence in (_left_out(layout), span.warning) if sentence),
        )

    def _range(self, values: NDArray[Any], layout: Layout, guess: bool) -> SampleRange:
        if layout.palette is not None or layout.model == "LAB":
            return SampleRange(0, 2**layout.bits - 1)
        # Small values are bright where zero is white, and inks span all their bits.
        guess = guess and not layout.inverted and layout.model != "CMYK"
        colors = values[..., : layout.colors]
        return sample_range(colors, layout.bits, _declared_range(self.page), guess)


def open_tiff(data: bytes, number: int = 0) -> TiffImage:
    """Read the tags of a page of a TIFF file.

    Raises:
        InvalidImage: It is for Pillow, and not read by it.
        Exception: The header is malformed; of nearly any type.
    """
    page = TiffFile(BytesIO(data)).pages[number]
    if not isinstance(page, TiffPage) or min(page.imagewidth, page.imagelength) < 1:
        raise ValueError("there is no image in it")
    image = TiffImage(page, data)
    if image.for_pillow:
        _check_for_pillow(page)
    return image


def _check_for_pillow(page: TiffPage) -> None:
    kind = _name(PHOTOMETRIC, page.photometric)
    if page.compression in _CCITT:
        return
    if page.bitspersample != 8:
        raise _refused("8 bits a sample for JPEG and YCbCr", f"{page.bitspersample} bits of {kind}")
    if page.photometric != _YCBCR or page.compression in _JPEG:
        return
    if page.planarconfig != 1:
        raise _refused("YCbCr as pixels", "planes")
    if page.compression == 1 and page.tags.valueof(530, (2, 2)) != (1, 1):
        raise _refused(
            "compressed YCbCr, or as many samples of each", "uncompressed YCbCr that is subsampled"
        )


def _layout_of(page: TiffPage) -> Layout:
    """Return the layout of the samples by the tags.

    Raises:
        InvalidImage: It is none that is read.
    """
    _check_kind(page)
    model, colors = _MODELS[page.photometric]
    count = page.samplesperpixel
    if count < colors:
        raise _refused(
            f"{colors} or more samples a pixel", f"{count} ({_name(PHOTOMETRIC, page.photometric)})"
        )
    extras = _extra_samples(page, colors)
    alpha = next((number for number, kind in enumerate(extras) if kind in _ALPHA), None)
    return Layout(
        model=model,
        colors=colors,
        count=count,
        bits=int(page.bitspersample),
        inverted=page.photometric == _WHITE_IS_ZERO,
        alpha=None if alpha is None else colors + alpha,
        premultiplied=alpha is not None and extras[alpha] == _ASSOCIATED,
        signed_lab=page.photometric == 8,
        palette=Palette(np.asarray(page.colormap)) if page.photometric == _PALETTE else None,
    )


def _check_kind(page: TiffPage) -> None:
    if page.compression not in COMPRESSIONS:
        raise _refused("a usual compression", f"one compressed with {_name(COMPRESSION, page.compression)}")
    if page.photometric not in _MODELS:
        raise _refused(
            "grey, RGB, a palette, CMYK, YCbCr or CIE L*a*b*", _name(PHOTOMETRIC, page.photometric)
        )
    if page.photometric == _INKS and page.tags.valueof(332, 1) != 1:
        raise _refused("the inks CMYK", "others (InkSet)")
    if page.photometric == _PALETTE and page.colormap is None:
        raise _refused("a ColorMap for its palette", "none")
    if page.imagedepth != 1:
        raise _refused("a flat image", f"a volume of {page.imagedepth} slices (ImageDepth)")
    if not isinstance(page.bitspersample, int) or page.dtype is None or page.dtype.kind not in "buif":
        raise _refused(
            "integer or float samples of one depth", f"{page.bitspersample} bits, format {page.sampleformat}"
        )
    if _MODELS[page.photometric][0] == "LAB" and page.bitspersample not in (8, 16):
        raise _refused("CIE L*a*b* of 8 or 16 bits", f"{page.bitspersample} bits")


def _extra_samples(page: TiffPage, colors: int) -> tuple[int, ...]:
    """Return the kinds of the samples behind the colours.

    Raises:
        InvalidImage: The file does not say what they are, and there is no custom.
    """
    surplus = page.samplesperpixel - colors
    kinds = tuple(int(kind) for kind in page.extrasamples) if page.tags.get(338) is not None else ()
    if surplus and not kinds:
        if (colors, surplus) == (3, 1):
            return (2,)  # as Pillow and libtiff take RGB with a fourth sample
        raise _refused(
            "the tag ExtraSamples where there are more samples than colours",
            f"{page.samplesperpixel} samples of {_name(PHOTOMETRIC, page.photometric)} without it",
        )
    return (kinds + (0,) * surplus)[:surplus]


def _check_memory(page: TiffPage, max_pixels: int | None) -> None:
    """Refuse pixels, or one tile, that would take too much memory, before they are decoded."""
    if max_pixels is None or page.dtype is None:
        return
    samples = max(page.imagewidth * page.imagelength, page.tilewidth * page.tilelength)
    size = samples * page.samplesperpixel * page.dtype.itemsize
    limit = max_pixels * _BYTES_PER_PIXEL
    if size > limit:
        raise TooLarge(
            f"expected a TIFF file whose decoded samples take at most {limit:,} bytes, got {size:,}",
            {"max_decoded_bytes": limit, "decoded_bytes": size},
        )


def _values(page: TiffPage, data: bytes) -> NDArray[Any]:
    """Decode the samples, [H, W, count]; a view for planes."""
    values = decoded_samples(page, data)
    return values[0] if len(values) == 1 else np.moveaxis(values[..., 0], 0, -1)


def _declared_range(page: TiffPage) -> tuple[float, float] | None:
    """Return the least and the greatest value by MinSampleValue, MaxSampleValue or their S forms."""
    for lowest, greatest in ((340, 341), (280, 281)):
        if page.tags.get(greatest) is not None:
            high = float(np.max(page.tags.valueof(greatest)))
            return float(np.min(page.tags.valueof(lowest, 0))), high
    return None


def _alpha_range(values: NDArray[Any], layout: Layout, span: SampleRange) -> SampleRange:
    """Return the range of alpha: that of the colours where the file declares it, else all bits, or 0 to 1."""
    if layout.alpha is None:
        return span
    declared = (0.0, span.white) if span.warning is None else None
    return sample_range(values[..., layout.alpha], layout.bits, declared, guess=False)


def _orientation(page: TiffPage) -> int:
    value = page.tags.valueof(274)
    return value if isinstance(value, int) and 1 <= value <= 8 else xmp_orientation(page.tags.valueof(700))


def _left_out(layout: Layout) -> str | None:
    left = layout.count - layout.colors - (layout.alpha is not None)
    return (
        f"{left} of {layout.count} samples a pixel were left out: they are neither colour nor alpha."
        if left
        else None
    )


def _name(kinds: Any, value: int) -> str:
    """Return a name and its number, such as "JPEG_2000 (34712)"."""
    try:
        return f"{kinds(value).name} ({int(value)})"
    except ValueError:
        return str(value)


def _refused(expected: str, got: str) -> InvalidImage:
    return InvalidImage(
        f"expected a TIFF file with {expected}, got {got}", {"format": "TIFF", "reason": f"not read: {got}"}
    )
