"""Reads the samples of a loaded Pillow image of any mode."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from services.images.color_profile import eight_bits
from services.images.color_tags import profile_of
from services.images.orientation import image_orientation
from services.images.png_chunks import essential_png
from services.images.sample_range import SampleRange, sample_range
from services.images.samples import ColorModel, Samples, Strip, Transparency

_DEEP_BITS: Final = {"I;16": 16, "I;16L": 16, "I;16B": 16, "I;16N": 16, "I": 32, "F": 32}

_PNG_GREY_ALPHA: Final = 4

_MODELS: Final[dict[str, ColorModel]] = {
    "1": "L",
    "L": "L",
    "LA": "L",
    "La": "L",
    "CMYK": "CMYK",
    "LAB": "LAB",
}
"""Colour models by mode; all others are RGB, or become it."""

_STRAIGHT: Final = {"La": "LA", "RGBa": "RGBA", "PA": "RGBA", "P": "RGBA"}
"""Modes with alpha, not premultiplied, for modes that need a conversion."""


def pillow_samples(image: Image.Image, data: bytes = b"") -> Samples:
    """Return the samples of a loaded image.

    Args:
        image: The image; a PNG may store its orientation behind its pixels.
        data: The file that it was read from, whose other parts Pillow leaves out.
    """
    profile, problem = profile_of(image, data)
    rows, transparency, warning = _rows_of(image, data, guess=profile is None)
    return Samples(
        width=image.width,
        height=image.height,
        model=_model_of(image, data),
        rows=rows,
        profile=profile,
        orientation=image_orientation(image),
        transparency=transparency,
        warnings=tuple(sentence for sentence in (problem, warning) if sentence),
    )


def _model_of(image: Image.Image, data: bytes) -> ColorModel:
    if image.mode in _DEEP_BITS or (_png_bits(image, data) == 16 and data[25] == _PNG_GREY_ALPHA):
        return "L"
    return _MODELS.get(image.mode, "RGB")


def _rows_of(
    image: Image.Image, data: bytes, guess: bool
) -> tuple[Callable[[int, int], Strip], Transparency, str | None]:
    """Return the rows, the kind of transparency, and a sentence about a guess."""
    if image.mode in _DEEP_BITS:
        return _deep_grey_rows(image, guess)
    if _png_bits(image, data) == 16:
        return _deep_png_rows(image, data, guess)
    key = _transparent_color(image, data)
    if key is not None:
        return partial(_keyed_rows, image, key), "color", None
    transparency = _transparency(image)
    return partial(_plain_rows if transparency == "none" else _alpha_rows, image), transparency, None


def _deep_grey_rows(
    image: Image.Image, guess: bool
) -> tuple[Callable[[int, int], Strip], Transparency, str | None]:
    values = np.asarray(image)
    span = sample_range(values, _DEEP_BITS[image.mode], guess=guess)
    key = image.info.get("transparency")
    transparency: Transparency = "none" if key is None else "color"
    return partial(_array_rows, values, span, key), transparency, span.warning


def _deep_png_rows(
    image: Image.Image, data: bytes, guess: bool
) -> tuple[Callable[[int, int], Strip], Transparency, str | None]:
    """Read a PNG of 16 bits and more than one channel, of which Pillow keeps 8 bits."""
    values = imagecodecs.png_decode(essential_png(data))
    key = image.info.get("transparency")
    has_alpha = values.shape[2] in (2, 4) and key is None
    colors = values[..., 0] if values.shape[2] == 2 else values[..., :3]
    span = sample_range(colors, 16, guess=guess)
    if has_alpha:
        return partial(_array_alpha_rows, colors, values[..., -1], span), "channel", span.warning
    return partial(_array_rows, colors, span, key), "none" if key is None else "color", span.warning


def _array_rows(values: NDArray[Any], span: SampleRange, key: Any, top: int, bottom: int) -> Strip:
    strip = values[top:bottom]
    return span.scaled(strip), None if key is None else _alpha_of_key(strip, key)


def _array_alpha_rows(
    colors: NDArray[np.uint16], alpha: NDArray[np.uint16], span: SampleRange, top: int, bottom: int
) -> Strip:
    return span.scaled(colors[top:bottom]), eight_bits(alpha[top:bottom])


def _plain_rows(image: Image.Image, top: int, bottom: int) -> Strip:
    strip = image.crop((0, top, image.width, bottom))
    if image.mode == "LAB":
        return _lab16(np.asarray(strip)), None
    model = _MODELS.get(image.mode, "RGB")
    return np.asarray(strip.convert(model)), None


def _alpha_rows(image: Image.Image, top: int, bottom: int) -> Strip:
    strip = image.crop((0, top, image.width, bottom))
    pixels = np.asarray(strip.convert(_STRAIGHT.get(image.mode, image.mode)))
    return pixels[..., 0] if pixels.shape[2] == 2 else pixels[..., :3], pixels[..., -1]


def _keyed_rows(image: Image.Image, key: Any, top: int, bottom: int) -> Strip:
    strip = image.crop((0, top, image.width, bottom))
    values = np.asarray(strip.convert("L") if image.mode == "1" else strip)
    return values, _alpha_of_key(values, key)


def _alpha_of_key(values: NDArray[Any], key: Any) -> NDArray[np.uint8]:
    """Return alpha [H, W] of samples of which one value or colour is transparent."""
    same = values == np.asarray(key)
    transparent = same.all(axis=2) if same.ndim == 3 else same
    return np.where(transparent, np.uint8(0), np.uint8(255))


def _transparent_color(image: Image.Image, data: bytes) -> Any:
    """Return the transparent value or colour of a grey or RGB image in the range of its mode, or None."""
    key = image.info.get("transparency")
    if image.mode not in ("1", "L", "RGB") or key is None or isinstance(key, bytes):
        return None
    if image.mode == "RGB":
        return key
    return key * 255 // (2 ** _png_bits(image, data) - 1)  # a PNG has the value before it is scaled to 8 bits


def _png_bits(image: Image.Image, data: bytes) -> int:
    """Return the bits of a sample in a PNG file; 8 for everything else."""
    return data[24] if image.format == "PNG" and data else 8


def _transparency(image: Image.Image) -> Transparency:
    if image.mode == "P" and (table := image.info.get("transparency")) is not None:
        partial_alpha = isinstance(table, bytes) and not set(table) <= {0, 255}
        return "channel" if partial_alpha else "color"
    if image.mode not in ("LA", "La", "RGBA", "RGBa", "PA"):
        return "none"
    # Many programs leave the alpha bits of a BMP empty and mean an opaque image.
    empty = image.format == "BMP" and image.getextrema()[-1] == (0, 0)
    return "none" if empty else "channel"


def _lab16(lab: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """Return L*, a*, b* of Pillow, whose a* and b* are signed, in the 16-bit encoding of ICC version 4."""
    return (lab ^ np.array([0, 128, 128], np.uint8)).astype(np.uint16) * np.uint16(257)
