"""Draws every region as a tinted area with a crisp outline and a name."""

from collections.abc import Sequence
from pathlib import Path

import cv2

from domain.arrays import Rgb, check_rgb
from domain.labels import UNKNOWN
from services.masks.formats import rle_area
from services.overlay.placement import NameRequest, place_names
from services.overlay.regions import Layer, OverlayItem, tint_areas
from services.overlay.style import Look
from services.overlay.tags import BUNDLED_FONT, TagPainter, Wording


def draw_overlay(rgb: Rgb, items: Sequence[OverlayItem], font_path: Path | None = None) -> Rgb:
    """A copy of the photograph with the regions drawn on it.

    Each pixel is tinted by the smallest region that covers it, outlines of small regions lie over those of
    large ones, names come last. Regions named with little confidence are drawn faintly, `unknown` in
    grey. The same arguments give the same bytes. One mask is decoded at a time.

    Args:
        rgb: The photograph, uint8 [H, W, 3].
        items: Regions, in any order.
        font_path: TrueType font of the names; None: DejaVu Sans of matplotlib.

    Raises:
        ValueError: Not uint8 [H, W, 3], or a mask of another size.
        OSError: The font cannot be read.
    """
    height, width, _ = check_rgb(rgb).shape
    for item in items:
        if (item.rle.height, item.rle.width) != (height, width):
            raise ValueError(f"expected masks {[height, width]}, got {[item.rle.height, item.rle.width]}")
    canvas = rgb.copy()
    look = Look.of(height, width)
    layers = tint_areas(canvas, items, look)
    _draw_outlines(canvas, layers, look)
    _draw_names(canvas, layers, look, TagPainter(font_path or BUNDLED_FONT, look.text))
    return canvas


def _draw_outlines(canvas: Rgb, layers: Sequence[Layer], look: Look) -> None:
    for layer in layers:
        thickness = look.faint_line if layer.item.is_faint else look.line
        cv2.drawContours(canvas, layer.outlines, -1, layer.color, thickness, cv2.LINE_AA)


def _draw_names(canvas: Rgb, layers: Sequence[Layer], look: Look, painter: TagPainter) -> None:
    height, width, _ = canvas.shape
    named = [layer for layer in layers if _deserves_name(layer.item, look)]
    wordings = [_wordings(layer.item, painter, width // 2) for layer in named]
    requests = [
        NameRequest(
            [painter.size(wording) for wording in options], layer.item.xywh, layer.spots, _filled(layer.item)
        )
        for layer, options in zip(named, wordings, strict=True)
    ]
    for place in place_names(requests, (width, height), look.gap):
        wording = wordings[place.request][place.wording]
        painter.paint(canvas, place.box, wording, named[place.request].color)


def _filled(item: OverlayItem) -> float:
    _, _, width, height = item.xywh
    return rle_area(item.rle) / (width * height)


def _deserves_name(item: OverlayItem, look: Look) -> bool:
    if item.label == UNKNOWN:
        return rle_area(item.rle) > look.big
    return bool(item.label.strip()) and not item.is_faint


def _wordings(item: OverlayItem, painter: TagPainter, width: int) -> list[Wording]:
    """What the tag may say, the fullest first."""
    name = painter.fit(" ".join(item.label.split()), width)
    if item.label == UNKNOWN:
        return [Wording(name)]
    return [Wording(name, f"{item.confidence:.0%}"), Wording(name)]
