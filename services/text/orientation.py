"""Finds out which way up a page of text is, from a few of its lines.

Detected boxes say whether lines run across or up and down; the recognizer, which was trained on upright
text only, says which of the two ways is right: it is unsure of text that stands on its head.
"""

from collections.abc import Callable

import numpy as np

from domain.arrays import Floats
from domain.text import Reading
from services.text.quads import are_tall, read_turned, sizes

ReadAll = Callable[[Floats], list[Reading]]
"""Reads lines [N, 4, 2], the first corner of each being the top left of its text."""

SAMPLE = 4
TELLING = 8.0
"""A line about this many times as long as high has enough letters to be told by, and is quickly read."""

SURE = 0.9
"""Text upside down is never read with this confidence on average."""


def find_turns(quads: Floats, read: ReadAll) -> int:
    """Quarter turns counterclockwise, 0 to 3, that set the page upright.

    Args:
        quads: Its lines [N, 4, 2], at least one, first corners nearest the top left of the image.
        read: Reads lines.
    """
    tall = are_tall(quads)
    longest = sizes(quads).max(axis=1)
    runs_down = bool(longest[tall].sum() > longest[~tall].sum())
    sample = _sample(quads[tall == runs_down])
    one, other = (1, 3) if runs_down else (0, 2)
    confidence = _confidence(read(read_turned(sample, one)))
    if confidence >= SURE:
        return one
    return one if confidence >= _confidence(read(read_turned(sample, other))) else other


def _sample(quads: Floats) -> Floats:
    shape = sizes(quads)
    ratio = shape.max(axis=1) / np.maximum(shape.min(axis=1), 1)
    return quads[np.argsort(np.abs(np.log(ratio / TELLING)), kind="stable")[:SAMPLE]]


def _confidence(readings: list[Reading]) -> float:
    """Mean over characters."""
    characters = sum(len(reading.text) for reading in readings)
    return sum(reading.confidence * len(reading.text) for reading in readings) / max(characters, 1)
