"""Spatial relations between the objects of a scene: side of the image, support, containment, background."""

from dataclasses import dataclass

import numpy as np

from domain.arrays import Mask
from services.caption.grammar import (
    CONTAINER_NOUNS,
    COUNTED_SCENERY_NOUNS,
    SKY_NOUN,
    SUPPORT_NOUNS,
    count_phrase,
    pluralize,
)
from services.caption.scene import LabelledObjects

MIN_SIDE_OFFSET = 0.15
"""An object is on a side if its centre is off the image's by at least this fraction of the image width."""

MAX_SIDED_WIDTH = 0.6
"""An object wider than this fraction of the image is on no side."""

MIN_SUPPORT_FRACTION = 0.5
"""An object stands on another if that one covers this fraction of the surroundings of its lower end."""

MIN_BEHIND_OVERLAP = 0.5
"""An object is in front of another if they share at least this fraction of its columns."""

MIN_DEPTH_RANK_GAP = 0.1
"""An object is farther away if its relative depth rank is larger by at least this."""

LOWER_END_FRACTION, MARGIN_FRACTION = 0.2, 0.15
"""Height of the lower end by the height of an object, and margin around it by the width of the object."""


@dataclass(frozen=True)
class Setting:
    """A phrase that places a subject in relation to another label.

    Attributes:
        words: The phrase, such as "on grass" or "in front of a house".
        name: The other label.
        confidence: Confidence of the other label, 0..1.
    """

    words: str
    name: str
    confidence: float


def side_phrase(subject: LabelledObjects, width: int) -> str:
    """Return "on the left" or "on the right", or "" for several objects or one in the middle.

    Args:
        subject: The objects of one label.
        width: Width of the image in pixels.
    """
    if len(subject.objects) != 1:
        return ""
    x, _, w, _ = subject.objects[0].region.xywh
    offset = (x + w / 2) / width - 0.5
    if w > MAX_SIDED_WIDTH * width or abs(offset) < MIN_SIDE_OFFSET:
        return ""
    return "on the left" if offset < 0 else "on the right"


def find_setting(subject: LabelledObjects, other: LabelledObjects) -> Setting | None:
    """Return the setting if `other` clearly supports, contains or lies behind the subject, else None."""
    if not subject.objects or not other.objects or subject.name == other.name:
        return None
    if (
        other.name in SUPPORT_NOUNS | CONTAINER_NOUNS
        and _support_fraction(subject.mask, other.extent) >= MIN_SUPPORT_FRACTION
    ):
        preposition = "in" if other.name in CONTAINER_NOUNS else "on"
        return Setting(f"{preposition} {count_phrase(other.name, 1)}", other.name, other.confidence)
    if other.name == SKY_NOUN or not _is_behind(subject, other):
        return None
    return Setting(f"in front of {scenery_phrase(other)}", other.name, other.confidence)


def background_setting(subject: LabelledObjects, other: LabelledObjects) -> Setting:
    """Return the setting of scenery: behind the subject if it is farther away, else near it."""
    behind = other.name == SKY_NOUN or _is_farther(subject, other)
    words = f"with {scenery_phrase(other)} behind" if behind else f"near {scenery_phrase(other)}"
    return Setting(words, other.name, other.confidence)


def scenery_phrase(other: LabelledObjects) -> str:
    """Return "grass", "a road" or "trees"; several regions of a road are one road."""
    several = len(other.objects) > 1 and other.name in COUNTED_SCENERY_NOUNS
    return pluralize(other.name) if several else count_phrase(other.name, 1)


def _support_fraction(subject: Mask, other: Mask) -> float:
    """Return the fraction of the surroundings of the subject's lower end that `other` covers."""
    rows, columns = np.nonzero(subject)
    top, bottom, left, right = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
    margin = max(1, round(MARGIN_FRACTION * (right - left)))
    height = max(1, round(LOWER_END_FRACTION * (bottom - top)))
    window = np.s_[max(0, bottom - height) : bottom + margin, max(0, left - margin) : right + margin]
    outside = ~subject[window]
    return float(other[window][outside].mean()) if outside.any() else 0.0


def _is_behind(subject: LabelledObjects, other: LabelledObjects) -> bool:
    """Return True if `other` is farther away, at least as large, and shares the subject's columns."""
    if not _is_farther(subject, other) or other.area < subject.area:
        return False
    columns = subject.mask.any(axis=0)
    shared = np.count_nonzero(columns & other.extent.any(axis=0))
    return bool(shared >= MIN_BEHIND_OVERLAP * np.count_nonzero(columns))


def _is_farther(subject: LabelledObjects, other: LabelledObjects) -> bool:
    """Return True if both depths are known and that of `other` is clearly larger."""
    near, far = subject.objects[0].depth, other.objects[0].depth
    return near is not None and far is not None and far - near >= MIN_DEPTH_RANK_GAP
