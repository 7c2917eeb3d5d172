"""Compares the text that was read with the annotated text: words as a bag, characters line by line.

The case of letters is ignored, because annotations of receipts are all in capitals. Words are compared twice:
with punctuation removed, and with punctuation separating words.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

PUNCTUATION = re.compile(r"[^\w\s]|_")
"""A character of punctuation."""

SAME_LINE = 0.5
"""Least IoU of the boxes of an annotated line and the line that was read for it."""


@dataclass(frozen=True)
class Line:
    """A line of text.

    Attributes:
        text: The text.
        box: x0, y0, x1, y1 in pixels.
    """

    text: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Scores:
    """Sums over pages.

    Numbers of words are pairs: with punctuation removed, and with punctuation separating words.

    Attributes:
        seconds: Seconds of each page.
        found: Numbers of annotated words that were read.
        words: Numbers of annotated words.
        read: Numbers of words that were read.
        edits: Edits between annotated lines and the lines matched to them.
        characters: Number of characters of the annotated lines that are matched.
        matched: Number of annotated lines that are matched.
        lines: Number of annotated lines.
    """

    seconds: tuple[float, ...] = ()
    found: tuple[int, int] = (0, 0)
    words: tuple[int, int] = (0, 0)
    read: tuple[int, int] = (0, 0)
    edits: int = 0
    characters: int = 0
    matched: int = 0
    lines: int = 0

    def recall(self, way: int) -> float:
        """Return the share of annotated words that were read; `way` is the index of the pairs above."""
        return self.found[way] / self.words[way]

    @property
    def precision(self) -> float:
        """Share of the words that were read that are annotated; punctuation separates words."""
        return self.found[1] / self.read[1]

    @property
    def error_rate(self) -> float:
        """Edits per character in matched lines."""
        return self.edits / max(self.characters, 1)


def box_of(quad: Any) -> tuple[float, float, float, float]:
    """Return the box x0, y0, x1, y1 around corners x, y in any nesting."""
    corners = np.asarray(quad, np.float64).reshape(-1, 2)
    (x0, y0), (x1, y1) = corners.min(axis=0), corners.max(axis=0)
    return float(x0), float(y0), float(x1), float(y1)


def iou(one: Line, other: Line) -> float:
    """Return the IoU of the boxes of two lines."""
    a, b = one.box, other.box
    shared = max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return shared / max(sum(areas) - shared, 1e-9)


def words(lines: Sequence[Line], instead: str) -> Counter[str]:
    """Return the bag of words, with `instead` in place of punctuation."""
    return Counter(word for line in lines for word in PUNCTUATION.sub(instead, line.text.lower()).split())


def edits(one: str, other: str) -> int:
    """Return Levenshtein's distance of two strings."""
    row = list(range(len(other) + 1))
    for done, letter in enumerate(one, 1):
        above, row = row, [done]
        for position, counterpart in enumerate(other):
            row.append(min(above[position + 1] + 1, row[-1] + 1, above[position] + (letter != counterpart)))
    return row[-1]


def add_page(scores: Scores, annotated: list[Line], found: list[Line], seconds: float) -> Scores:
    """Return the sums with one more page."""
    removed, separated = (_word_counts(annotated, found, instead) for instead in ("", " "))
    best = [max(found, key=lambda line: iou(line, truth), default=truth) for truth in annotated]
    pairs = [
        (truth.text.lower(), line.text.lower())
        for truth, line in zip(annotated, best, strict=True)
        if found and iou(truth, line) > SAME_LINE
    ]
    return replace(
        scores,
        seconds=(*scores.seconds, seconds),
        found=(scores.found[0] + removed.found, scores.found[1] + separated.found),
        words=(scores.words[0] + removed.words, scores.words[1] + separated.words),
        read=(scores.read[0] + removed.read, scores.read[1] + separated.read),
        edits=scores.edits + sum(edits(truth, line) for truth, line in pairs),
        characters=scores.characters + sum(len(truth) for truth, _ in pairs),
        matched=scores.matched + len(pairs),
        lines=scores.lines + len(annotated),
    )


class WordCounts(NamedTuple):
    """Numbers of words of a page.

    Attributes:
        found: Number of annotated words that were read.
        words: Number of annotated words.
        read: Number of words that were read.
    """

    found: int
    words: int
    read: int


def _word_counts(annotated: Sequence[Line], found: Sequence[Line], instead: str) -> WordCounts:
    truth, read = words(annotated, instead), words(found, instead)
    return WordCounts((truth & read).total(), truth.total(), read.total())
