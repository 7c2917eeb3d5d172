"""Lays transparent pixels on a background that does not hide what is opaque."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Mask, Rgb
from domain.image import Background
from services.images.samples import PIXELS_PER_STRIP, Transparency

BACKGROUND_LEVELS: Final[dict[Background, int]] = {"white": 255, "grey": 128}

OPAQUE_FROM: Final = 128
"""Least alpha of a pixel that belongs to the opaque part of an image."""

HIDDEN_BELOW: Final = 32
"""A pixel whose channels all differ from the background by fewer levels is hidden on it."""

HIDDEN_SHARE: Final = 0.25
"""White is left for grey if it hides more of the outline of the opaque part than this share."""


def lay_on_background(rgb: Rgb, alpha: NDArray[np.uint8], transparency: Transparency) -> Background:
    """Composite `rgb` [H, W, 3] in place on white or grey by `alpha` uint8 [H, W]; return the background.

    Transparent colours become white. An alpha channel is laid on white, or on grey if white would hide more
    than `HIDDEN_SHARE` of the outline of the opaque part, and grey hides less of it.
    """
    background: Background = "white" if transparency == "color" else _background(rgb, alpha)
    level = BACKGROUND_LEVELS[background]
    rows = max(1, PIXELS_PER_STRIP // rgb.shape[1])
    for top in range(0, rgb.shape[0], rows):
        strip, weight = rgb[top : top + rows], alpha[top : top + rows, :, None].astype(np.uint16)
        product = strip * weight + level * (255 - weight) + np.uint16(128)
        strip[:] = (product + (product >> 8)) >> 8  # the product over 255, rounded
    return background


def _background(rgb: Rgb, alpha: NDArray[np.uint8]) -> Background:
    judged = _outline(alpha >= OPAQUE_FROM)
    if (
        not judged.any()
    ):  # nothing is opaque, or everything: all that is half transparent, in some of the rows
        step = 1 + alpha.size // PIXELS_PER_STRIP
        rgb, judged = rgb[::step], (alpha[::step] > 0) & (alpha[::step] < 255)
    colors = rgb[judged]
    on_white, on_grey = (_hidden_share(colors, BACKGROUND_LEVELS[name]) for name in ("white", "grey"))
    return "grey" if on_white > HIDDEN_SHARE and on_grey < on_white else "white"


def _outline(opaque: Mask) -> Mask:
    """Return the opaque pixels that have a transparent one beside, above or below them, bool [H, W]."""
    inner = opaque.copy()
    inner[1:] &= opaque[:-1]
    inner[:-1] &= opaque[1:]
    inner[:, 1:] &= opaque[:, :-1]
    inner[:, :-1] &= opaque[:, 1:]
    return opaque & ~inner


def _hidden_share(colors: NDArray[Any], level: int) -> float:
    """Return the share of colours uint8 [N, 3] that hardly differ from the grey of `level`."""
    if not len(colors):
        return 0.0
    near = (colors > level - HIDDEN_BELOW) & (colors < level + HIDDEN_BELOW)
    return float((near[:, 0] & near[:, 1] & near[:, 2]).mean())
