"""Which colour a label has: the same in every request, process and machine."""

import hashlib
import itertools
from dataclasses import dataclass

import cv2
import numpy as np

from domain.arrays import Mask
from domain.labels import UNKNOWN_LABEL

Color = tuple[int, int, int]
"""sRGB, 0..255 each."""

UNKNOWN_COLOR: Color = (168, 172, 178)

# Spread out in Oklab (Ottosson, 2020) as seen with normal sight and, after Machado et al. (2009), without red
# or green cones: farthest-point picks among colours of medium chroma and lightness, 0.12 apart or more.
LABEL_PALETTE: tuple[Color, ...] = (
    (255, 150, 180),
    (255, 150, 0),
    (195, 120, 15),
    (240, 210, 0),
    (135, 240, 135),
    (75, 195, 120),
    (60, 150, 105),
    (0, 228, 232),
    (0, 150, 210),
    (105, 120, 255),
    (210, 150, 255),
    (210, 75, 165),
)

# Of 20,000 salts the one that gives everyday names that meet in one picture different colours most often.
_SALT = "12766"

_NEIGHBOURHOOD = np.ones((3, 3), np.uint8)

# What a shade mixes in, and how much of it.
_SHADES: tuple[tuple[Color, float], ...] = (
    ((0, 0, 0), 0.0),
    ((0, 0, 0), 0.26),
    ((255, 255, 255), 0.38),
)


def label_color(label: str) -> Color:
    """The colour of a label; grey for `unknown`."""
    if label == UNKNOWN_LABEL:
        return UNKNOWN_COLOR
    digest = hashlib.sha256((_SALT + label).encode("utf-8", "surrogatepass")).digest()
    return LABEL_PALETTE[int.from_bytes(digest[:8], "big") % len(LABEL_PALETTE)]


def indexed_color(turn: int) -> Color:
    """The colour of the region in place `turn`, where regions have no names."""
    return LABEL_PALETTE[turn % len(LABEL_PALETTE)]


def shade_color(color: Color, shade: int) -> Color:
    """The colour itself (shade 0), a darker one (1) or a lighter one (2); and so on in turn."""
    other, weight = _SHADES[shade % len(_SHADES)]
    red, green, blue = (round(c + (o - c) * weight) for c, o in zip(color, other, strict=True))
    return red, green, blue


class NeighbourShader:
    """Gives regions of one colour that touch each other different shades. Serves one picture.

    Greedy colouring of the graph of neighbours: the first shade that no neighbour seen so far has.
    """

    def __init__(self) -> None:
        self._neighbours: dict[Color, list[tuple[int, Mask]]] = {}

    def shade(self, color: Color, footprint: Mask) -> Color:
        """The colour for the next region.

        Args:
            color: Of its label.
            footprint: The region bool [h, w] at a coarse scale that all regions of the picture share.
        """
        neighbours = self._neighbours.setdefault(color, [])
        grown = cv2.dilate(footprint.view(np.uint8), _NEIGHBOURHOOD).view(np.bool_)
        taken = {shade for shade, other in neighbours if np.any(other & grown)}
        shade = next(shade for shade in itertools.count() if shade not in taken)
        neighbours.append((shade, footprint))
        return shade_color(color, shade)


FILL_OPACITY = 0.38

FAINT_FILL_OPACITY = 0.14

MIN_TAG_CONFIDENCE = 0.35
"""Regions named with less are drawn faintly and without the name; answers have it all the same."""


@dataclass(frozen=True)
class OverlayStyle:
    """Sizes that suit a picture, in its pixels.

    Attributes:
        line: Thickness of outlines.
        faint_line: Thickness of the outlines of faint regions.
        text: To the em.
        gap: Kept free around a name.
        tolerance: How far an outline may stray from the mask's staircase.
        min_unknown_area: Area from which `unknown` is written on a region.
    """

    line: int
    faint_line: int
    text: int
    gap: int
    tolerance: float
    min_unknown_area: float

    @classmethod
    def of(cls, height: int, width: int) -> "OverlayStyle":
        """The sizes for a picture of so many rows and columns."""
        # 1 at 640x480; a little less than in proportion, since large pictures are looked at larger.
        scale = (height * width / (640 * 480)) ** 0.43
        return cls(
            line=max(1, round(2 * scale + 0.3)),
            faint_line=max(1, round(scale)),
            text=max(11, round(14 * scale)),
            gap=max(2, round(3 * scale)),
            tolerance=max(0.7, scale),
            min_unknown_area=0.1 * height * width,
        )
