"""Tints the regions of an overlay, and keeps their outlines and tag places so that masks can be dropped."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike

from domain.arrays import Mask, Rgb
from domain.labels import UNKNOWN_LABEL
from domain.masks import Rle
from services.masks.formats import Box, crop_mask, rle_area
from services.overlay.placement import TagAnchor, tag_anchors
from services.overlay.style import (
    FAINT_FILL_OPACITY,
    FILL_OPACITY,
    MIN_TAG_CONFIDENCE,
    Color,
    NeighbourShader,
    OverlayStyle,
    indexed_color,
    label_color,
)

_FOOTPRINT_SIDE = 160
"""Largest side, in samples, of the coarse masks by which regions that touch are found."""

_STRIP_PIXELS = 1 << 18
"""Pixels blended at a time, so that little memory is needed."""


@dataclass(frozen=True)
class OverlayRegion:
    """A region to draw.

    Attributes:
        rle: Mask of the region, of the image's size.
        xywh: Bounding box of the mask in whole pixels.
        label: Label of the region; empty if regions are not labelled, and each gets a colour of its own.
        confidence: Confidence in the label, 0..1, written behind it.
    """

    rle: Rle
    xywh: Box
    label: str
    confidence: float

    @property
    def is_faint(self) -> bool:
        """True for a region that is drawn faintly, because it is unknown or of low confidence."""
        return self.label == UNKNOWN_LABEL or (self.label != "" and self.confidence < MIN_TAG_CONFIDENCE)


@dataclass(frozen=True)
class OverlayLayer:
    """A region after its area has been tinted.

    Attributes:
        item: The region.
        color: Colour of its label, in a shade that sets it off from its neighbours.
        outlines: Closed curves, each int32 [N, 1, 2], x then y.
        anchors: Places for a tag in the part of it that no smaller region covers.
    """

    item: OverlayRegion
    color: Color
    outlines: Sequence[MatLike]
    anchors: Sequence[TagAnchor]


def tint_regions(canvas: Rgb, items: Sequence[OverlayRegion], style: OverlayStyle) -> list[OverlayLayer]:
    """Tint each pixel of `canvas` in the colour of the smallest region that covers it.

    Returns:
        The layers, largest first; regions with an empty mask have none.
    """
    free = np.ones(canvas.shape[:2], np.bool_)
    shader = NeighbourShader()
    areas = [rle_area(item.rle) for item in items]
    smallest_first = sorted((index for index, area in enumerate(areas) if area), key=areas.__getitem__)
    colors = [
        label_color(item.label) if item.label else indexed_color(index) for index, item in enumerate(items)
    ]
    return [
        _tint_region(canvas, items[index], colors[index], free, shader, style) for index in smallest_first
    ][::-1]


def _tint_region(
    canvas: Rgb, item: OverlayRegion, base: Color, free: Mask, shader: NeighbourShader, style: OverlayStyle
) -> OverlayLayer:
    """Tint the part of one region that is still free, and mark it as taken in `free`, bool [H, W]."""
    x, y, width, height = item.xywh
    window = slice(y, y + height), slice(x, x + width)
    mask = crop_mask(item.rle, item.xywh)
    step = math.ceil(max(free.shape) / _FOOTPRINT_SIDE)
    color = shader.shade(base, _footprint(mask, item.xywh, free.shape, step))
    outlines = _outlines(mask, (x, y), style.tolerance)
    mask &= free[window]
    free[window] ^= mask
    _blend_color(canvas[window], mask, color, FAINT_FILL_OPACITY if item.is_faint else FILL_OPACITY)
    return OverlayLayer(item, color, outlines, tag_anchors(mask, (x, y)))


def _footprint(mask: Mask, box: Box, size: tuple[int, int], step: int) -> Mask:
    """Return the mask inside `box` in the whole image of `size` (rows, columns), every `step`-th pixel."""
    x, y, _, _ = box
    small = np.zeros((math.ceil(size[0] / step), math.ceil(size[1] / step)), np.bool_)
    part = mask[-y % step :: step, -x % step :: step]
    top, left = math.ceil(y / step), math.ceil(x / step)
    small[top : top + part.shape[0], left : left + part.shape[1]] = part
    return small


def _outlines(mask: Mask, origin: tuple[int, int], tolerance: float) -> list[MatLike]:
    """Trace a mask at `origin` (x, y) and its holes; curves are simplified by `tolerance` pixels."""
    borders, _ = cv2.findContours(mask.view(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE, offset=origin)
    return [cv2.approxPolyDP(border, tolerance, closed=True) for border in borders]


def _blend_color(crop: Rgb, mask: Mask, color: Color, opacity: float) -> None:
    """Blend `color` into the pixels of `mask`, strip by strip."""
    rows = max(1, _STRIP_PIXELS // crop.shape[1])
    line = np.full(crop.shape[1:], color, np.uint8)
    tint = np.repeat(line[None], min(rows, len(crop)), axis=0)
    for top in range(0, len(crop), rows):
        strip = crop[top : top + rows]
        mixed = cv2.addWeighted(strip, 1 - opacity, tint[: len(strip)], opacity, 0)
        cv2.copyTo(mixed, mask[top : top + rows].view(np.uint8), strip)
