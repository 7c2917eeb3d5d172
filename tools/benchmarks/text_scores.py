"""What of a page's annotated text was read: words as a bag, characters line by line.

Letters are compared without case: annotations of receipts are in capitals throughout. Words are compared once
with punctuation removed and once with punctuation parting words.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

PUNCTUATION = re.compile(r"[^\w\s]|_")
SAME_LINE = 0.5
"""IoU of boxes from which on a line that was read is the annotated one."""


@dataclass(frozen=True)
class Line:
    """A line's text and box x0, y0, x1, y1."""

    text: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Scores:
    """Sums over pages.

    Attributes:
        seconds: Of each page.
        found: Words of the annotation that were read, with punctuation removed and with it parting words.
        words: Words of the annotation, likewise.
        read: Words that were read, likewise.
        edits: Between annotated lines and the lines matched to them.
        characters: Of those annotated lines.
        matched: Lines matched.
        lines: Lines annotated.
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
        """Share of the annotated words that were read; `way` 0 removes punctuation, 1 parts words at it."""
        return self.found[way] / self.words[way]

    @property
    def precision(self) -> float:
        """Share of the words read that are annotated, punctuation parting words."""
        return self.found[1] / self.read[1]

    @property
    def error_rate(self) -> float:
        """Of characters, in matched lines."""
        return self.edits / max(self.characters, 1)


def box_of(quad: Any) -> tuple[float, float, float, float]:
    """The box round corners in any nesting."""
    corners = np.asarray(quad, np.float64).reshape(-1, 2)
    (x0, y0), (x1, y1) = corners.min(axis=0), corners.max(axis=0)
    return float(x0), float(y0), float(x1), float(y1)


def iou(one: Line, other: Line) -> float:
    """Of the boxes of two lines."""
    a, b = one.box, other.box
    shared = max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return shared / max(sum(areas) - shared, 1e-9)


def words(lines: Sequence[Line], instead: str) -> Counter[str]:
    """The bag of words, `instead` standing for punctuation."""
    return Counter(word for line in lines for word in PUNCTUATION.sub(instead, line.text.lower()).split())


def edits(one: str, other: str) -> int:
    """Levenshtein's distance."""
    row = list(range(len(other) + 1))
    for done, letter in enumerate(one, 1):
        above, row = row, [done]
        for position, wanted in enumerate(other):
            row.append(min(above[position + 1] + 1, row[-1] + 1, above[position] + (letter != wanted)))
    return row[-1]


def add_page(scores: Scores, annotated: list[Line], found: list[Line], seconds: float) -> Scores:
    """The sums with one page more."""
    bags = [(words(annotated, instead), words(found, instead)) for instead in ("", " ")]
    best = [max(found, key=lambda line: iou(line, wanted), default=wanted) for wanted in annotated]
    pairs = [
        (wanted.text.lower(), line.text.lower())
        for wanted, line in zip(annotated, best, strict=True)
        if found and iou(wanted, line) > SAME_LINE
    ]
    hits, all_words, read = zip(
        *(((want & got).total(), want.total(), got.total()) for want, got in bags), strict=True
    )
    return replace(
        scores,
        seconds=(*scores.seconds, seconds),
        found=tuple(map(sum, zip(scores.found, hits, strict=True))),
        words=tuple(map(sum, zip(scores.words, all_words, strict=True))),
        read=tuple(map(sum, zip(scores.read, read, strict=True))),
        edits=scores.edits + sum(edits(wanted, line) for wanted, line in pairs),
        characters=scores.characters + sum(len(wanted) for wanted, _ in pairs),
        matched=scores.matched + len(pairs),
        lines=scores.lines + len(annotated),
    )
