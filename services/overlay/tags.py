"""Renders a name: a dark translucent pill with a dot in the region's colour and light text."""

import bisect
import math
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from domain.arrays import Floats, Rgb
from services.masks.formats import Box
from services.overlay.style import Color


def _bundled_font() -> Path:
    """DejaVu Sans in the files of matplotlib, which is not imported for it."""
    found = find_spec("matplotlib")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("expected matplotlib of requirements.txt, whose font names are drawn with")
    return Path(found.origin).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"


BUNDLED_FONT = _bundled_font()

_PILL_COLOR = (18.0, 20.0, 24.0)
_PILL_OPACITY = 0.74
_TEXT_COLOR = (255.0, 255.0, 255.0)
_NOTE_COLOR = (196.0, 202.0, 210.0)


@dataclass(frozen=True)
class TagText:
    """What a tag says.

    Attributes:
        name: In full light.
        note: After it, quieter; may be empty.
    """

    name: str
    note: str = ""


class TagPainter:
    """Measures and paints tags of one text size.

    Args:
        font_path: A TrueType or OpenType font.
        text_size: Pixels to the em.
    """

    def __init__(self, font_path: Path, text_size: int) -> None:
        self._font = ImageFont.truetype(str(font_path), text_size)
        self._height = round(1.55 * text_size)
        self._pad = round(0.5 * text_size)
        self._dot = 0.27 * text_size
        self._indent = self._pad + math.ceil(2 * self._dot) + round(0.38 * text_size)
        self._space = self._font.getlength(" ")

    def fit(self, text: str, width: int) -> str:
        """The text, or as much of it with an ellipsis as makes a tag at most `width` wide."""
        if self.size(TagText(text))[0] <= width:
            return text

        def shortened(kept: int) -> int:
            return self.size(TagText(text[:kept] + "…"))[0]

        kept = bisect.bisect_right(range(1, len(text)), width, key=shortened)
        return text[: max(1, kept)].rstrip() + "…"

    def size(self, tag_text: TagText) -> tuple[int, int]:
        """Width and height of a tag, in pixels."""
        note = self._space + self._font.getlength(tag_text.note) if tag_text.note else 0.0
        return math.ceil(self._indent + self._font.getlength(tag_text.name) + note) + self._pad, self._height

    def paint(self, rgb: Rgb, box: Box, tag_text: TagText, color: Color) -> None:
        """Paint a tag into `rgb` at `box`, which has the tag's size and lies inside the picture."""
        x, y, width, height = box
        crop = rgb[y : y + height, x : x + width]
        pixels = crop.astype(np.float32)
        radius = 0.36 * height
        _blend(pixels, _rounded(width, height, (0, 0, width, height), radius) * _PILL_OPACITY, _PILL_COLOR)
        middle, dot = self._pad + self._dot, self._dot
        disc = (middle - dot, height / 2 - dot, middle + dot, height / 2 + dot)
        _blend(pixels, _rounded(width, height, disc, dot), color)
        after = self._indent + self._font.getlength(tag_text.name) + self._space
        _blend(pixels, self._text(width, height, self._indent, tag_text.name), _TEXT_COLOR)
        _blend(pixels, self._text(width, height, after, tag_text.note), _NOTE_COLOR)
        crop[:] = np.rint(pixels)

    def _text(self, width: int, height: int, x: float, text: str) -> Floats:
        """How much of each pixel the text covers, float32 [height, width], 0..1."""
        layer = Image.new("L", (width, height))
        # "m" would centre each font's own line box; the baseline keeps tags alike whatever they say.
        baseline = height / 2 + 0.365 * self._font.size
        ImageDraw.Draw(layer).text((x, baseline), text, fill=255, font=self._font, anchor="ls")
        return np.asarray(layer, np.float32) / np.float32(255)


def _rounded(width: int, height: int, corners: tuple[float, float, float, float], radius: float) -> Floats:
    """Coverage, float32 [height, width], of a rounded rectangle x0 y0 x1 y1, from its signed distance."""
    x0, y0, x1, y1 = corners
    columns, rows = np.arange(width) + 0.5, np.arange(height)[:, None] + 0.5
    across = np.abs(columns - (x0 + x1) / 2) - (x1 - x0) / 2 + radius
    down = np.abs(rows - (y0 + y1) / 2) - (y1 - y0) / 2 + radius
    distance = np.hypot(np.maximum(across, 0), np.maximum(down, 0)) + np.minimum(np.maximum(across, down), 0)
    coverage: Floats = np.clip(radius - distance + 0.5, 0, 1).astype(np.float32)
    return coverage


def _blend(pixels: Floats, coverage: Floats, color: tuple[float, float, float]) -> None:
    tint: NDArray[np.float32] = np.array(color, np.float32)
    pixels += (tint - pixels) * coverage[..., None]
