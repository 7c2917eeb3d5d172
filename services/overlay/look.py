"""How large and how strong things are drawn."""

from dataclasses import dataclass

FILL = 0.38
FAINT_FILL = 0.14
UNSURE = 0.35
"""Regions named with less are drawn faintly and without the name; answers have it all the same."""


@dataclass(frozen=True)
class Look:
    """Sizes that suit a picture, in its pixels.

    Attributes:
        line: Thickness of outlines.
        faint_line: Thickness of the outlines of faint regions.
        text: To the em.
        gap: Kept free around a name.
        tolerance: How far an outline may stray from the mask's staircase.
        big: Area from which `unknown` is written on a region.
    """

    line: int
    faint_line: int
    text: int
    gap: int
    tolerance: float
    big: float

    @classmethod
    def of(cls, height: int, width: int) -> "Look":
        """The sizes for a picture of so many rows and columns."""
        # 1 at 640x480; a little less than in proportion, since large pictures are looked at larger.
        scale = (height * width / (640 * 480)) ** 0.43
        return cls(
            line=max(1, round(2 * scale + 0.3)),
            faint_line=max(1, round(scale)),
            text=max(11, round(14 * scale)),
            gap=max(2, round(3 * scale)),
            tolerance=max(0.7, scale),
            big=0.1 * height * width,
        )
