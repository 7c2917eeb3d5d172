"""Tints the regions' areas and keeps what their outlines and names need, so that masks can be dropped."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike

from domain.arrays import Mask, Rgb
from domain.labels import UNKNOWN
from domain.masks import Rle
from services.masks.formats import Box, crop_mask, rle_area
from services.overlay.look import FAINT_FILL, FILL, UNSURE, Look
from services.overlay.shapes import Spot, footprint, outlines, spots
from services.overlay.style import Color, Shader, label_color, turn_color

_FOOTPRINT_SIDE = 160
_STRIP_PIXELS = 1 << 18


@dataclass(frozen=True)
class OverlayItem:
    """A region to draw.

    Attributes:
        rle: Its mask, of the photograph's size.
        xywh: Tight box of the mask, whole pixels.
        label: Its name; empty for a region that nobody named, which gets a colour of its own.
        confidence: 0..1, written behind the name.
    """

    rle: Rle
    xywh: Box
    label: str
    confidence: float

    @property
    def is_faint(self) -> bool:
        """Whether it is drawn discreetly: unknown, or named without much confidence."""
        return self.label == UNKNOWN or (self.label != "" and self.confidence < UNSURE)


@dataclass(frozen=True)
class Layer:
    """A region whose area is tinted.

    Attributes:
        item: The region.
        color: Its label's colour in the shade that tells it from its neighbours.
        outlines: Closed curves, each int32 [N, 1, 2], x then y.
        spots: Roomy places in the part of it that no smaller region covers.
    """

    item: OverlayItem
    color: Color
    outlines: Sequence[MatLike]
    spots: Sequence[Spot]


def tint_areas(canvas: Rgb, items: Sequence[OverlayItem], look: Look) -> list[Layer]:
    """Tint each pixel of `canvas` for the smallest region that covers it.

    Returns:
        The layers, largest first; empty masks have none.
    """
    free = np.ones(canvas.shape[:2], np.bool_)
    shader = Shader()
    areas = [rle_area(item.rle) for item in items]
    smallest_first = sorted((index for index, area in enumerate(areas) if area), key=areas.__getitem__)
    colors = [label_color(item.label) if item.label else turn_color(turn) for turn, item in enumerate(items)]
    return [_tint_area(canvas, items[index], colors[index], free, shader, look) for index in smallest_first][
        ::-1
    ]


def _tint_area(canvas: Rgb, item: OverlayItem, base: Color, free: Mask, shader: Shader, look: Look) -> Layer:
    """Tint what is free of one region, which is not free any more then."""
    x, y, width, height = item.xywh
    window = slice(y, y + height), slice(x, x + width)
    mask = crop_mask(item.rle, item.xywh)
    step = math.ceil(max(free.shape) / _FOOTPRINT_SIDE)
    color = shader.shade(base, footprint(mask, item.xywh, free.shape, step))
    curves = outlines(mask, (x, y), look.tolerance)
    mask &= free[window]
    free[window] ^= mask
    _mix(canvas[window], mask, color, FAINT_FILL if item.is_faint else FILL)
    return Layer(item, color, curves, spots(mask, (x, y)))


def _mix(crop: Rgb, mask: Mask, color: Color, opacity: float) -> None:
    """Mix `color` into the pixels of `mask`, strip by strip so that little memory is needed."""
    rows = max(1, _STRIP_PIXELS // crop.shape[1])
    line = np.full(crop.shape[1:], color, np.uint8)
    tint = np.repeat(line[None], min(rows, len(crop)), axis=0)
    for top in range(0, len(crop), rows):
        strip = crop[top : top + rows]
        mixed = cv2.addWeighted(strip, 1 - opacity, tint[: len(strip)], opacity, 0)
        cv2.copyTo(mixed, mask[top : top + rows].view(np.uint8), strip)
