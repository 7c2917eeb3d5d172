"""Draws regions and their names on a photograph."""

from services.overlay.draw import draw_overlay
from services.overlay.layers import OverlayItem

__all__ = ["OverlayItem", "draw_overlay"]
