"""Where things are: on which side, on what they stand, in front of what."""

from dataclasses import dataclass

import numpy as np

from domain.arrays import Mask
from services.caption.grammar import counted, plural
from services.caption.scene import Sighting
from services.caption.words import IN, ON, SEVERAL, SKY

SIDE = 0.15
"""A thing whose middle is so much of the width off the photograph's is on that side."""

WHOLE_WIDTH = 0.6
"""What is wider is on no side."""

BELOW = 0.5
"""Share of what lies around a thing's lower end that must be of a name for the thing to stand on it."""

ACROSS = 0.5
"""Share of a thing's width that what is behind it must share."""

FARTHER = 0.1
"""So much farther, of all ranks, is what is behind."""


@dataclass(frozen=True)
class Setting:
    """Where a subject is.

    Attributes:
        words: "on grass", "in front of a house".
        name: What they name.
        confidence: Of that name, 0..1.
    """

    words: str
    name: str
    confidence: float


def side(subject: Sighting, width: int) -> str:
    """The words "on the left" or "on the right", or nothing where it is neither or there are several."""
    if len(subject.things) != 1:
        return ""
    x, _, w, _ = subject.things[0].region.xywh
    off = (x + w / 2) / width - 0.5
    if w > WHOLE_WIDTH * width or abs(off) < SIDE:
        return ""
    return "on the left" if off < 0 else "on the right"


def setting(subject: Sighting, other: Sighting) -> Setting | None:
    """What `other` is to the subject: under it, around it or behind it; None where that is not plain."""
    if not subject.things or not other.things or subject.name == other.name:
        return None
    ours, theirs = subject.mask, other.extent
    if other.name in ON | IN and _around_foot(ours, theirs) >= BELOW:
        preposition = "in" if other.name in IN else "on"
        return Setting(f"{preposition} {counted(other.name, 1)}", other.name, other.confidence)
    if other.name == SKY or not _behind(subject, other, ours, theirs):
        return None
    return Setting(f"in front of {scenery(other)}", other.name, other.confidence)


def surroundings(subject: Sighting, other: Sighting) -> Setting:
    """What scenery is to a subject that has a place: behind it where it is farther away, else near it."""
    behind = other.name == SKY or _farther(subject, other)
    words = f"with {scenery(other)} behind" if behind else f"near {scenery(other)}"
    return Setting(words, other.name, other.confidence)


def scenery(other: Sighting) -> str:
    """The name as sentences have it: "grass", "a road", "trees"; several stretches of road are one road."""
    several = len(other.things) > 1 and other.name in SEVERAL
    return plural(other.name) if several else counted(other.name, 1)


def _around_foot(ours: Mask, theirs: Mask) -> float:
    """Share of the surroundings of our lower end that is theirs."""
    rows, columns = np.nonzero(ours)
    top, bottom, left, right = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
    around, up = max(1, round(0.15 * (right - left))), max(1, round(0.2 * (bottom - top)))
    window = np.s_[max(0, bottom - up) : bottom + around, max(0, left - around) : right + around]
    outside = ~ours[window]
    return float(theirs[window][outside].mean()) if outside.any() else 0.0


def _behind(subject: Sighting, other: Sighting, ours: Mask, theirs: Mask) -> bool:
    """Whether the other is farther away and seen behind the subject."""
    if not _farther(subject, other) or other.area < subject.area:
        return False
    shared = np.count_nonzero(ours.any(axis=0) & theirs.any(axis=0))
    return bool(shared >= ACROSS * np.count_nonzero(ours.any(axis=0)))


def _farther(subject: Sighting, other: Sighting) -> bool:
    """Whether depth is known, and the other's plainly larger."""
    near, far = subject.things[0].depth, other.things[0].depth
    return near is not None and far is not None and far - near >= FARTHER
