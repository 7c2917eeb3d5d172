"""Leaves out large lines that are blocks of small print, seen at a small scale."""

from collections.abc import Sequence

import cv2
import numpy as np

from domain.arrays import Floats
from domain.text import RecognizedText
from services.text.quads import quad_sizes

ReadLine = tuple[Floats, RecognizedText]
"""Corners [4, 2] of a line, and its text."""

MIN_COVERED_LINES = 2
"""Number of small lines inside a larger one from which on it is a block of them."""

MAX_COVERED_HEIGHT = 0.5
"""Largest height of such a small line, relative to the larger one."""

MIN_COVERED_CONFIDENCE = 0.9
MIN_COVERED_LETTERS = 2
"""Least confidence and length of their texts; fragments of large letters are read with less."""


def without_covered_print(found: Sequence[ReadLine]) -> list[ReadLine]:
    """Return the lines that are read, in order, without those that are blocks of small print."""
    if not found:
        return []
    quads = np.array([quad for quad, _ in found], np.float32)
    heights = quad_sizes(quads).min(axis=1)
    centres = quads.mean(axis=1)
    sure = np.array(
        [
            reading.confidence >= MIN_COVERED_CONFIDENCE and len(reading.text) >= MIN_COVERED_LETTERS
            for _, reading in found
        ]
    )
    kept = []
    for line, height in zip(found, heights, strict=True):
        small = centres[sure & (heights <= MAX_COVERED_HEIGHT * height)]
        inside = sum(_contains(line[0], centre) for centre in small)
        if inside < MIN_COVERED_LINES:
            kept.append(line)
    return kept


def _contains(quad: Floats, point: Floats) -> bool:
    x, y = point.tolist()
    return cv2.pointPolygonTest(np.asarray(quad, np.float32), (x, y), False) >= 0
