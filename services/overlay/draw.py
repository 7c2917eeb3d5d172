"""Draws every region as a tinted area with a crisp outline and a name."""

from collections.abc import Sequence
from pathlib import Path

import cv2

from domain.arrays import Rgb, check_rgb
from domain.labels import UNKNOWN_LABEL
from services.masks.formats import rle_area
from services.overlay.placement import TagRequest, place_tags
from services.overlay.regions import OverlayLayer, OverlayRegion, tint_regions
from services.overlay.style import OverlayStyle
from services.overlay.tags import BUNDLED_FONT, TagPainter, TagText


def draw_overlay(rgb: Rgb, items: Sequence[OverlayRegion], font_path: Path | None = None) -> Rgb:
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
    style = OverlayStyle.of(height, width)
    layers = tint_regions(canvas, items, style)
    _draw_outlines(canvas, layers, style)
    _draw_tags(canvas, layers, style, TagPainter(font_path or BUNDLED_FONT, style.text))
    return canvas


def _draw_outlines(canvas: Rgb, layers: Sequence[OverlayLayer], style: OverlayStyle) -> None:
    for layer in layers:
        thickness = style.faint_line if layer.item.is_faint else style.line
        cv2.drawContours(canvas, layer.mask_outlines, -1, layer.color, thickness, cv2.LINE_AA)


def _draw_tags(canvas: Rgb, layers: Sequence[OverlayLayer], style: OverlayStyle, painter: TagPainter) -> None:
    height, width, _ = canvas.shape
    named = [layer for layer in layers if _has_tag(layer.item, style)]
    tag_texts = [_tag_texts(layer.item, painter, width // 2) for layer in named]
    requests = [
        TagRequest(
            [painter.size(tag_text) for tag_text in options],
            layer.item.xywh,
            layer.tag_anchors,
            _filled_fraction(layer.item),
        )
        for layer, options in zip(named, tag_texts, strict=True)
    ]
    for place in place_tags(requests, (width, height), style.gap):
        tag_text = tag_texts[place.request][place.tag_text]
        painter.paint(canvas, place.box, tag_text, named[place.request].color)


def _filled_fraction(item: OverlayRegion) -> float:
    _, _, width, height = item.xywh
    return rle_area(item.rle) / (width * height)


def _has_tag(item: OverlayRegion, style: OverlayStyle) -> bool:
    if item.label == UNKNOWN_LABEL:
        return rle_area(item.rle) > style.min_unknown_area
    return bool(item.label.strip()) and not item.is_faint


def _tag_texts(item: OverlayRegion, painter: TagPainter, width: int) -> list[TagText]:
    """What the tag may say, the fullest first."""
    name = painter.fit(" ".join(item.label.split()), width)
    if item.label == UNKNOWN_LABEL:
        return [TagText(name)]
    return [TagText(name, f"{item.confidence:.0%}"), TagText(name)]
