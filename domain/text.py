"""Text in an image, and captions."""

from dataclasses import dataclass

from domain.arrays import Floats

Point = tuple[float, float]
"""Point: x, y in pixels of the upright image."""

Quad = tuple[Point, Point, Point, Point]
"""Corners of a line, clockwise, from the top left of the text."""


@dataclass(frozen=True)
class DetectedLines:
    """Lines that a reader finds in an image, before they are read.

    Attributes:
        quads: float32 [N, 4, 2], corners in pixels, clockwise from the image's top left one.
        scale: Largest scale at which the image was searched, 1 for its own pixels.
    """

    quads: Floats
    scale: float


@dataclass(frozen=True)
class RecognizedText:
    """Text that a reader recognizes in one line.

    Attributes:
        text: The text; empty where nothing is recognized.
        confidence: Mean probability of the characters, 0..1.
    """

    text: str
    confidence: float


@dataclass(frozen=True)
class TextLine:
    """Line of text and its place.

    Attributes:
        text: The text, not empty.
        confidence: Mean probability of the characters, 0..1.
        quad: The corners of the line.
    """

    text: str
    confidence: float
    quad: Quad


@dataclass(frozen=True)
class Caption:
    """Sentence about an image.

    Attributes:
        text: The sentence.
        confidence: Probability of the least certain label in a composed sentence; geometric mean of the
            probabilities of the tokens of a generated one, 0..1.
        score: Score for ranking, higher is better; comparable only for one image and one captioner.
    """

    text: str
    confidence: float
    score: float
