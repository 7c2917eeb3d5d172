"""What drawing needs to know of a region, taken from its mask once, so that the mask can be dropped."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from domain.arrays import Floats, Mask, Rgb
from domain.labels import UNKNOWN_LABEL
from domain.masks import Rle
from services.masks.formats import Box, crop_mask, rle_area
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

# Names are wide, so room is measured with a column as wide as this many rows are high.
TAG_ASPECT = 3

_ANCHOR_MASK_SIDE = 80

_MAX_ANCHORS = 4

# How much room a spot may lose by being one sample nearer to the region's middle.
_CENTRING_WEIGHT = 0.12


@dataclass(frozen=True)
class TagAnchor:
    """A place well inside a region.

    Attributes:
        x: Column.
        y: Row.
        room: An ellipse this high and WIDE times as wide (half axes, pixels) around it is inside.
    """

    x: float
    y: float
    room: float


def mask_outlines(mask: Mask, origin: tuple[int, int], tolerance: float) -> list[MatLike]:
    """Borders, smoothed by `tolerance` pixels, of a mask that starts at `origin` and of its holes."""
    borders, _ = cv2.findContours(mask.view(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE, offset=origin)
    return [cv2.approxPolyDP(border, tolerance, closed=True) for border in borders]


def mask_footprint(mask: Mask, box: Box, size: tuple[int, int], step: int) -> Mask:
    """Every `step`-th pixel of the whole picture of `size` (rows, columns), for the mask inside `box`."""
    x, y, _, _ = box
    small = np.zeros((math.ceil(size[0] / step), math.ceil(size[1] / step)), np.bool_)
    part = mask[-y % step :: step, -x % step :: step]
    top, left = math.ceil(y / step), math.ceil(x / step)
    small[top : top + part.shape[0], left : left + part.shape[1]] = part
    return small


def tag_anchors(mask: Mask, origin: tuple[int, int]) -> tuple[TagAnchor, ...]:
    """The roomiest places in a mask, roomiest first, by a distance transform at low resolution."""
    height, width = mask.shape
    step = math.ceil(max(height, width / TAG_ASPECT) / _ANCHOR_MASK_SIDE)
    small = np.pad(mask[::step, :: TAG_ASPECT * step].view(np.uint8), 1)
    room = cv2.distanceTransform(small, cv2.DIST_L2, 3)
    appeal = np.where(room > 0, room - _CENTRING_WEIGHT * _off_centre(small), -np.inf).astype(np.float32)
    x, y = origin
    found = []
    for _ in range(_MAX_ANCHORS):
        _, best, _, (column, row) = cv2.minMaxLoc(appeal)
        if best == -np.inf:
            break
        radius = float(room[row, column])
        found.append(TagAnchor(x + (column - 1) * TAG_ASPECT * step, y + (row - 1) * step, radius * step))
        cv2.circle(appeal, (column, row), math.ceil(radius), -np.inf, cv2.FILLED)
    return tuple(found)


def _off_centre(small: NDArray[np.uint8]) -> Floats:
    """Distance of each pixel to the centre of mass of a mask, in pixels."""
    rows, columns = np.nonzero(small)
    if not len(rows):
        return np.zeros(small.shape, np.float32)
    down = np.arange(small.shape[0])[:, None] - rows.mean()
    across = np.arange(small.shape[1]) - columns.mean()
    distance: Floats = np.hypot(down, across).astype(np.float32)
    return distance


_FOOTPRINT_SIDE = 160

_STRIP_PIXELS = 1 << 18


@dataclass(frozen=True)
class OverlayRegion:
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
        return self.label == UNKNOWN_LABEL or (self.label != "" and self.confidence < MIN_TAG_CONFIDENCE)


@dataclass(frozen=True)
class OverlayLayer:
    """A region whose area is tinted.

    Attributes:
        item: The region.
        color: Its label's colour in the shade that tells it from its neighbours.
        mask_outlines: Closed curves, each int32 [N, 1, 2], x then y.
        tag_anchors: Roomy places in the part of it that no smaller region covers.
    """

    item: OverlayRegion
    color: Color
    mask_outlines: Sequence[MatLike]
    tag_anchors: Sequence[TagAnchor]


def tint_regions(canvas: Rgb, items: Sequence[OverlayRegion], style: OverlayStyle) -> list[OverlayLayer]:
    """Tint each pixel of `canvas` for the smallest region that covers it.

    Returns:
        The layers, largest first; empty masks have none.
    """
    free = np.ones(canvas.shape[:2], np.bool_)
    shader = NeighbourShader()
    areas = [rle_area(item.rle) for item in items]
    smallest_first = sorted((index for index, area in enumerate(areas) if area), key=areas.__getitem__)
    colors = [
        label_color(item.label) if item.label else indexed_color(turn) for turn, item in enumerate(items)
    ]
    return [
        _tint_region(canvas, items[index], colors[index], free, shader, style) for index in smallest_first
    ][::-1]


def _tint_region(
    canvas: Rgb, item: OverlayRegion, base: Color, free: Mask, shader: NeighbourShader, style: OverlayStyle
) -> OverlayLayer:
    """Tint what is free of one region, which is not free any more then."""
    x, y, width, height = item.xywh
    window = slice(y, y + height), slice(x, x + width)
    mask = crop_mask(item.rle, item.xywh)
    step = math.ceil(max(free.shape) / _FOOTPRINT_SIDE)
    color = shader.shade(base, mask_footprint(mask, item.xywh, free.shape, step))
    curves = mask_outlines(mask, (x, y), style.tolerance)
    mask &= free[window]
    free[window] ^= mask
    _blend_color(canvas[window], mask, color, FAINT_FILL_OPACITY if item.is_faint else FILL_OPACITY)
    return OverlayLayer(item, color, curves, tag_anchors(mask, (x, y)))


def _blend_color(crop: Rgb, mask: Mask, color: Color, opacity: float) -> None:
    """Mix `color` into the pixels of `mask`, strip by strip so that little memory is needed."""
    rows = max(1, _STRIP_PIXELS // crop.shape[1])
    line = np.full(crop.shape[1:], color, np.uint8)
    tint = np.repeat(line[None], min(rows, len(crop)), axis=0)
    for top in range(0, len(crop), rows):
        strip = crop[top : top + rows]
        mixed = cv2.addWeighted(strip, 1 - opacity, tint[: len(strip)], opacity, 0)
        cv2.copyTo(mixed, mask[top : top + rows].view(np.uint8), strip)
