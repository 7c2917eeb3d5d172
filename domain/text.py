"""Text in a photograph."""

from dataclasses import dataclass

Point = tuple[float, float]
"""x, y in pixels of the upright image."""

Quad = tuple[Point, Point, Point, Point]
"""Corners clockwise as the text is read, its own top left first."""


@dataclass(frozen=True)
class RecognizedText:
    """What a reader makes of one line.

    Attributes:
        text: Empty where it reads nothing.
        confidence: Mean probability of the characters, 0..1.
    """

    text: str
    confidence: float


@dataclass(frozen=True)
class TextLine:
    """One line of text and where it is.

    Attributes:
        text: Not empty.
        confidence: Mean probability of the characters, 0..1.
        quad: Its corners.
    """

    text: str
    confidence: float
    quad: Quad


@dataclass(frozen=True)
class Caption:
    """One sentence about a photograph.

    Attributes:
        text: What it says.
        confidence: 0..1. Of a composed sentence the probability of the least sure name in it; of a generated
            one the geometric mean of the probabilities of its tokens.
        score: What it was chosen by, higher is better; comparable for one photograph and one writer only.
    """

    text: str
    confidence: float
    score: float
