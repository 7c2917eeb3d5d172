"""Colours of labels, the same in every request, process and machine, and sizes of lines and text."""

import hashlib
import itertools
from dataclasses import dataclass

import cv2
import numpy as np

from domain.arrays import Mask
from domain.labels import UNKNOWN_LABEL

Color = tuple[int, int, int]
"""A colour in sRGB, 0..255 each."""

FILL_OPACITY = 0.38

FAINT_FILL_OPACITY = 0.14

MIN_TAG_CONFIDENCE = 0.35
"""Confidence below which a region is drawn faintly and without a tag; answers have its label."""

UNKNOWN_COLOR: Color = (168, 172, 178)

# Farthest-point picks among colours of medium chroma and lightness, 0.12 apart or more in Oklab (Ottosson,
# 2020), both in normal vision and, simulated after Machado et al. (2009), without red or green cones.
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

# Among 20,000 salts, this one most often gives different colours to everyday labels that occur in one image.
_SALT = "12766"

# The colour that each shade mixes in, and its weight.
_SHADES: tuple[tuple[Color, float], ...] = (
    ((0, 0, 0), 0.0),
    ((0, 0, 0), 0.26),
    ((255, 255, 255), 0.38),
)

_NEIGHBOURHOOD = np.ones((3, 3), np.uint8)


@dataclass(frozen=True)
class OverlayStyle:
    """Sizes that suit one image, in its pixels.

    Attributes:
        line: Thickness of outlines.
        faint_line: Thickness of the outlines of faint regions.
        text: Size of the text, to the em.
        gap: Space kept free around a tag.
        tolerance: Largest distance of an outline from the staircase of the mask's border.
        min_unknown_area: Area above which an `unknown` region gets a tag.
    """

    line: int
    faint_line: int
    text: int
    gap: int
    tolerance: float
    min_unknown_area: float

    @classmethod
    def of(cls, height: int, width: int) -> "OverlayStyle":
        """Return the sizes for an image of `height` rows and `width` columns."""
        # The scale is 1 at 640x480 and grows a little less than in proportion, since large images are shown
        # larger.
        scale = (height * width / (640 * 480)) ** 0.43
        return cls(
            line=max(1, round(2 * scale + 0.3)),
            faint_line=max(1, round(scale)),
            text=max(11, round(14 * scale)),
            gap=max(2, round(3 * scale)),
            tolerance=max(0.7, scale),
            min_unknown_area=0.1 * height * width,
        )


def label_color(label: str) -> Color:
    """Return the colour of a label; grey for `unknown`."""
    if label == UNKNOWN_LABEL:
        return UNKNOWN_COLOR
    digest = hashlib.sha256((_SALT + label).encode("utf-8", "surrogatepass")).digest()
    return LABEL_PALETTE[int.from_bytes(digest[:8], "big") % len(LABEL_PALETTE)]


def indexed_color(index: int) -> Color:
    """Return the colour of the region at `index`, for regions without labels."""
    return LABEL_PALETTE[index % len(LABEL_PALETTE)]


def shade_color(color: Color, shade: int) -> Color:
    """Return the colour itself (shade 0), a darker one (1) or a lighter one (2), repeating from 3 on."""
    other, weight = _SHADES[shade % len(_SHADES)]
    red, green, blue = (round(c + (o - c) * weight) for c, o in zip(color, other, strict=True))
    return red, green, blue


class NeighbourShader:
    """Gives touching regions of one colour different shades, for one image.

    This is greedy colouring of the graph of neighbours: each region gets the first shade that none of its
    earlier neighbours has.
    """

    def __init__(self) -> None:
        self._neighbours: dict[Color, list[tuple[int, Mask]]] = {}

    def shade(self, color: Color, footprint: Mask) -> Color:
        """Return the colour of the next region.

        Args:
            color: Colour of its label.
            footprint: The region as a mask bool [h, w] of the whole image at a coarse scale, common to all.
        """
        neighbours = self._neighbours.setdefault(color, [])
        grown = cv2.dilate(footprint.view(np.uint8), _NEIGHBOURHOOD).view(np.bool_)
        taken = {shade for shade, other in neighbours if np.any(other & grown)}
        shade = next(shade for shade in itertools.count() if shade not in taken)
        neighbours.append((shade, footprint))
        return shade_color(color, shade)
