"""Single things of a scene, and how many different ones there are among regions of one name."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from domain.arrays import Floats, Mask
from domain.labels import UNKNOWN_LABEL, LabelPrediction
from domain.masks import Region
from domain.text import TextLine
from services.analyze.service import AnalyzeResult
from services.caption.grammar import (
    CONTAINER_NOUNS,
    COUNTED_SCENERY_NOUNS,
    SKY_NOUN,
    SUPPORT_NOUNS,
    count_phrase,
    is_mass_noun,
    pluralize,
)
from services.labels.views import low_res_mask

SAME_OBJECT_COVERAGE = 0.5
"""Two regions of one name are the same thing where one lies in the other by this share."""


@dataclass(frozen=True)
class SceneObject:
    """One region with a name.

    Attributes:
        region: Where it is.
        confidence: Probability of its name, 0..1.
        depth: 0 is the nearest region of the scene, 1 the farthest; None where depth is not known.
    """

    region: Region
    confidence: float
    depth: float | None

    @cached_property
    def mask(self) -> Mask:
        """Where it is, bool [h, w] over the whole photograph at a low resolution; never empty."""
        return low_res_mask(self.region)


def union_mask(objects: Sequence[SceneObject]) -> Mask:
    """Where any of the things is, at least one, likewise."""
    joined: Mask = np.logical_or.reduce([one.mask for one in objects])
    return joined


def distinct_objects(objects: Sequence[SceneObject]) -> list[SceneObject]:
    """Each thing once, the surest and largest first: of regions that lie in each other one stands for all."""
    order = sorted(objects, key=lambda one: -one.confidence * one.region.area**0.5)
    inside = _object_coverage(order)
    kept: list[int] = []
    for index in range(len(order)):
        if all(max(inside[index, other], inside[other, index]) < SAME_OBJECT_COVERAGE for other in kept):
            kept.append(index)
    return [order[index] for index in kept]


def _object_coverage(objects: Sequence[SceneObject]) -> Floats:
    """[i, j]: the share of thing i that lies in thing j."""
    masks = np.stack([one.mask.ravel() for one in objects]).astype(np.float32)
    shared = masks @ masks.T
    coverage: Floats = shared / shared.diagonal()[:, None]
    return coverage


MIN_OBJECT_CONFIDENCE = 0.5
"""Least probability of a name that is told."""

MIN_SMALL_OBJECT_CONFIDENCE = 0.75
"""The same for regions below SMALL, which look like many things."""

MIN_EXTENT_CONFIDENCE = 0.3
"""Least probability of regions that belong to what was surely seen of their name elsewhere."""

SMALL_OBJECT_FRACTION = 0.1

MIN_OBJECT_FRACTION = 0.01
"""Shares of the photograph; what takes less than LEAST is not told."""

MIN_STUFF_FRACTION = 0.08
"""Share of the photograph that a mass noun must take."""

MIN_COUNTED_AREA_RATIO = 0.25
"""Things of one name are counted together where they have this share of the largest one's area."""

IMAGE_LABEL_FRACTION = 0.1
"""What only the whole photograph shows is as prominent as if it took this share of it."""


@dataclass(frozen=True)
class LabelledObjects:
    """Everything of one name.

    Attributes:
        name: As the vocabulary has it.
        objects: Where it was seen, the most prominent first; none where only the whole photograph says so.
        confidence: Of the name for the whole photograph, or of the surest thing, whichever is higher.
        extent_objects: All regions of the name, also those that are nothing to be sure of by themselves.
    """

    name: str
    objects: tuple[SceneObject, ...]
    confidence: float
    extent_objects: tuple[SceneObject, ...] = ()

    def count_confidence(self, count: int) -> float:
        """Probability that so many are there, as far as names go: that of the least sure of them."""
        if count <= 1 or not self.objects:
            return self.confidence
        return min(thing.confidence for thing in self.objects[:count])

    @property
    def area(self) -> int:
        """Pixels of all things."""
        return _area(self.objects)

    @cached_property
    def mask(self) -> Mask:
        """Where the things are, bool [h, w] over the whole photograph at a low resolution."""
        return union_mask(self.objects)

    @cached_property
    def extent(self) -> Mask:
        """Where anything of the name may be, likewise."""
        return union_mask(self.extent_objects)


def labelled_objects(scene: AnalyzeResult) -> list[LabelledObjects]:
    """What is surely there, the most prominent first; nothing is told that is not."""
    pixels, whole = scene.segment.width * scene.segment.height, _image_confidences(scene.image)
    found = [*_found(scene, whole, pixels)]
    labels = {one.name for one in found}
    found += [
        LabelledObjects(name, (), sure)
        for name, sure in whole.items()
        if name not in labels and sure >= MIN_OBJECT_CONFIDENCE
    ]
    return sorted(found, key=lambda one: -_prominence(one, pixels))


def _found(scene: AnalyzeResult, whole: Mapping[str, float], pixels: int) -> Iterator[LabelledObjects]:
    """The names that regions surely have."""
    for name, objects in _by_name(scene, pixels).items():
        sure = [one for one in objects if one.confidence >= _min_confidence(one, pixels)]
        if sure and (counted := _counted_objects(name, sure, pixels)):
            best = max(whole.get(name, 0.0), *(one.confidence for one in counted))
            yield LabelledObjects(name, counted, best, tuple(objects))


def _by_name(scene: AnalyzeResult, pixels: int) -> dict[str, list[SceneObject]]:
    """Regions that may have a name and are not tiny."""
    found: dict[str, list[SceneObject]] = {}
    ranks: Sequence[int] = scene.ranks or ()
    for index, region in enumerate(scene.segment.regions):
        chosen = scene.segment.labels.per_region[index].chosen
        if (
            chosen.label != UNKNOWN_LABEL
            and chosen.confidence >= MIN_EXTENT_CONFIDENCE
            and region.area >= MIN_OBJECT_FRACTION * pixels
        ):
            depth = (ranks[index] - 1) / max(1, len(ranks) - 1) if ranks else None
            found.setdefault(chosen.label, []).append(SceneObject(region, chosen.confidence, depth))
    return found


def _min_confidence(thing: SceneObject, pixels: int) -> float:
    return (
        MIN_SMALL_OBJECT_CONFIDENCE
        if thing.region.area < SMALL_OBJECT_FRACTION * pixels
        else MIN_OBJECT_CONFIDENCE
    )


def _counted_objects(name: str, objects: Sequence[SceneObject], pixels: int) -> tuple[SceneObject, ...]:
    """Each thing once, the much smaller ones left out; nothing of a mass noun that takes too little room."""
    found = distinct_objects(objects)
    if is_mass_noun(name):
        return tuple(found) if _area(found) >= MIN_STUFF_FRACTION * pixels else ()
    largest = max(one.region.area for one in found)
    return tuple(one for one in found if one.region.area >= MIN_COUNTED_AREA_RATIO * largest)


def _area(objects: Sequence[SceneObject]) -> int:
    return sum(one.region.area for one in objects)


def _image_confidences(image: LabelPrediction | None) -> dict[str, float]:
    """Names of the whole photograph and their probabilities."""
    return {} if image is None else {score.label: score.confidence for score in image.alternatives}


def _prominence(sighting: LabelledObjects, pixels: int) -> float:
    """Large and sure comes first."""
    fraction = min(1.0, sighting.area / pixels) if sighting.objects else IMAGE_LABEL_FRACTION
    return float(sighting.confidence * fraction**0.5)


MIN_SIDE_OFFSET = 0.15
"""A thing whose middle is so much of the width off the photograph's is on that side."""

MAX_SIDED_WIDTH = 0.6
"""What is wider is on no side."""

MIN_SUPPORT_FRACTION = 0.5
"""Share of what lies around a thing's lower end that must be of a name for the thing to stand on it."""

MIN_BEHIND_OVERLAP = 0.5
"""Share of a thing's width that what is behind it must share."""

MIN_DEPTH_RANK_GAP = 0.1
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


def side_phrase(subject: LabelledObjects, width: int) -> str:
    """The words "on the left" or "on the right", or nothing where it is neither or there are several."""
    if len(subject.objects) != 1:
        return ""
    x, _, w, _ = subject.objects[0].region.xywh
    off = (x + w / 2) / width - 0.5
    if w > MAX_SIDED_WIDTH * width or abs(off) < MIN_SIDE_OFFSET:
        return ""
    return "on the left" if off < 0 else "on the right"


def find_setting(subject: LabelledObjects, other: LabelledObjects) -> Setting | None:
    """What `other` is to the subject: under it, around it or behind it; None where that is not plain."""
    if not subject.objects or not other.objects or subject.name == other.name:
        return None
    ours, theirs = subject.mask, other.extent
    if (
        other.name in SUPPORT_NOUNS | CONTAINER_NOUNS
        and _support_fraction(ours, theirs) >= MIN_SUPPORT_FRACTION
    ):
        preposition = "in" if other.name in CONTAINER_NOUNS else "on"
        return Setting(f"{preposition} {count_phrase(other.name, 1)}", other.name, other.confidence)
    if other.name == SKY_NOUN or not _behind(subject, other, ours, theirs):
        return None
    return Setting(f"in front of {scenery_phrase(other)}", other.name, other.confidence)


def background_setting(subject: LabelledObjects, other: LabelledObjects) -> Setting:
    """What scenery is to a subject that has a place: behind it where it is farther away, else near it."""
    behind = other.name == SKY_NOUN or _farther(subject, other)
    words = f"with {scenery_phrase(other)} behind" if behind else f"near {scenery_phrase(other)}"
    return Setting(words, other.name, other.confidence)


def scenery_phrase(other: LabelledObjects) -> str:
    """The name as sentences have it: "grass", "a road", "trees"; several stretches of road are one road."""
    several = len(other.objects) > 1 and other.name in COUNTED_SCENERY_NOUNS
    return pluralize(other.name) if several else count_phrase(other.name, 1)


def _support_fraction(ours: Mask, theirs: Mask) -> float:
    """Share of the surroundings of our lower end that is theirs."""
    rows, columns = np.nonzero(ours)
    top, bottom, left, right = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
    around, up = max(1, round(0.15 * (right - left))), max(1, round(0.2 * (bottom - top)))
    window = np.s_[max(0, bottom - up) : bottom + around, max(0, left - around) : right + around]
    outside = ~ours[window]
    return float(theirs[window][outside].mean()) if outside.any() else 0.0


def _behind(subject: LabelledObjects, other: LabelledObjects, ours: Mask, theirs: Mask) -> bool:
    """Whether the other is farther away and seen behind the subject."""
    if not _farther(subject, other) or other.area < subject.area:
        return False
    shared = np.count_nonzero(ours.any(axis=0) & theirs.any(axis=0))
    return bool(shared >= MIN_BEHIND_OVERLAP * np.count_nonzero(ours.any(axis=0)))


def _farther(subject: LabelledObjects, other: LabelledObjects) -> bool:
    """Whether depth is known, and the other's plainly larger."""
    near, far = subject.objects[0].depth, other.objects[0].depth
    return near is not None and far is not None and far - near >= MIN_DEPTH_RANK_GAP


MIN_TEXT_CONFIDENCE = 0.85
"""Least confidence of a line that is told."""

MIN_TEXT_LETTERS, MAX_TEXT_CHARACTERS = 3, 60
"""Letters and digits that a line must have; characters of it that are told."""

MIN_LETTER_HEIGHT_FRACTION = 0.03
"""Share of the photograph's height that its letters must have."""

SIGN_LABEL = "sign"


def text_phrase(scene: AnalyzeResult) -> str:
    """The words ", with a sign that reads “STOP”" of the tallest line; nothing where none is plain."""
    lines = [] if scene.text is None else scene.text.lines
    plain = [index for index, line in enumerate(lines) if _is_legible(line, scene.segment.height)]
    if not plain:
        return ""
    chosen = max(plain, key=lambda index: _height(lines[index]))
    said = lines[chosen].text.strip()
    shown = said if len(said) <= MAX_TEXT_CHARACTERS else said[: MAX_TEXT_CHARACTERS - 1].rstrip() + "…"
    return f", with {'a sign' if _on_sign(scene, chosen) else 'text'} that reads “{shown}”"


def _is_legible(line: TextLine, height: int) -> bool:
    readable = sum(letter.isalnum() for letter in line.text) >= MIN_TEXT_LETTERS
    return (
        readable
        and line.confidence >= MIN_TEXT_CONFIDENCE
        and _height(line) >= MIN_LETTER_HEIGHT_FRACTION * height
    )


def _height(line: TextLine) -> float:
    """Of its letters, in pixels: how long its left edge is."""
    return math.dist(line.quad[0], line.quad[3])


def _on_sign(scene: AnalyzeResult, line: int) -> bool:
    """Whether it lies on a region that is surely a sign."""
    return any(
        line in (facts.lines or ())
        and naming.chosen.label == SIGN_LABEL
        and naming.chosen.confidence >= MIN_OBJECT_CONFIDENCE
        for facts, naming in zip(scene.facts, scene.segment.labels.per_region, strict=True)
    )
