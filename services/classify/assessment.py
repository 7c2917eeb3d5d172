"""Judges a photograph twice: small, as encoders see it, and in its own pixels, as people are told."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np

from domain.arrays import Floats, Rgb
from services.classify.damage import Damage, Quality, blocks_of, blur_of, damage_of, grey_of, noise_of

SIDE = 320
"""Pixels along the longer side of the small picture: no encoder here reads more."""

LEAST_SIDE = 16
"""Pixels of the shorter side of what can be judged."""

BLOCKS_LAST = 2.0
"""Shrunk by more than this, the blocks of a JPEG file are gone."""

TILES, TILE = 4, 160
"""A large photograph is judged in its own pixels by TILES x TILES tiles of TILE pixels a side."""

SEEN_SMALL, TOO_MUCH_FOR_TILES = 1.5, 8.0
"""A blur of so many pixels of the small picture, and of so many of the photograph's own, is measured in the
small one: tiles are too small for it. Any other is measured in the tiles: small pictures are all sharp."""


SHARP = 0.7
"""Pixels; what a small picture shows of a sharp photograph."""

FAULTLESS = Damage(blur=0.0, noise=0.0, brightest=255.0, blocks=1.0)


@dataclass(frozen=True)
class Assessment:
    """What is wrong with a photograph.

    Attributes:
        small: It, at most SIDE pixels a side, uint8 [h, w, 3]; at least LEAST_SIDE where it has as many.
        seen: What is wrong with that; blocks are those of the photograph.
        quality: What is wrong with the photograph, in its own pixels.
    """

    small: Rgb
    seen: Damage
    quality: Quality


def assess(rgb: Rgb) -> Assessment:
    """What is wrong with a photograph uint8 [H, W, 3]; nothing that could be told where it is too small."""
    height, width = rgb.shape[:2]
    scale = max(height, width) / SIDE
    if min(height, width) < LEAST_SIDE:
        return Assessment(rgb, FAULTLESS, Quality(FAULTLESS.blur, FAULTLESS.noise))
    if scale <= 1:
        seen = damage_of(rgb)
        return Assessment(rgb, seen, Quality(seen.blur, seen.noise))
    size = max(LEAST_SIDE, round(width / scale)), max(LEAST_SIDE, round(height / scale))
    small = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    grey = grey_of(rgb)
    blocks = blocks_of(grey) if scale <= BLOCKS_LAST else 1.0
    seen = replace(damage_of(small), blocks=blocks)
    tiles = list(_tiles(grey))
    large = seen.blur >= SEEN_SMALL and seen.blur * scale >= TOO_MUCH_FOR_TILES
    blur = float(np.sqrt(seen.blur**2 - SHARP**2)) * scale if large else blur_of(tiles)
    return Assessment(small, seen, Quality(blur, noise_of(tiles)))


def _tiles(grey: Floats) -> Iterator[Floats]:
    """Evenly spread over the picture; all of it where it is not larger than they are."""
    height, width = grey.shape
    for top in sorted({*np.linspace(0, max(0, height - TILE), TILES).astype(int).tolist()}):
        for left in sorted({*np.linspace(0, max(0, width - TILE), TILES).astype(int).tolist()}):
            yield grey[top : top + TILE, left : left + TILE]
