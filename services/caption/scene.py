"""Single things of a scene, and how many different ones there are among regions of one name."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from domain.arrays import Floats, Mask
from domain.labels import UNKNOWN, Naming
from domain.masks import Region
from domain.text import TextLine
from services.analyze.service import SceneResult
from services.caption.grammar import IN, ON, SEVERAL, SKY, counted, is_mass, plural
from services.labels.views import small_mask

SAME = 0.5
"""Two regions of one name are the same thing where one lies in the other by this share."""


@dataclass(frozen=True)
class Thing:
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
        return small_mask(self.region)


def joined_mask(things: Sequence[Thing]) -> Mask:
    """Where any of the things is, at least one, likewise."""
    joined: Mask = np.logical_or.reduce([one.mask for one in things])
    return joined


def distinct(things: Sequence[Thing]) -> list[Thing]:
    """Each thing once, the surest and largest first: of regions that lie in each other one stands for all."""
    order = sorted(things, key=lambda one: -one.confidence * one.region.area**0.5)
    inside = _shares_inside(order)
    kept: list[int] = []
    for index in range(len(order)):
        if all(max(inside[index, other], inside[other, index]) < SAME for other in kept):
            kept.append(index)
    return [order[index] for index in kept]


def _shares_inside(things: Sequence[Thing]) -> Floats:
    """[i, j]: the share of thing i that lies in thing j."""
    masks = np.stack([one.mask.ravel() for one in things]).astype(np.float32)
    shared = masks @ masks.T
    shares: Floats = shared / shared.diagonal()[:, None]
    return shares


SURE = 0.5
"""Least probability of a name that is told."""

SURER = 0.75
"""The same for regions below SMALL, which look like many things."""

FAINT = 0.3
"""Least probability of regions that belong to what was surely seen of their name elsewhere."""

SMALL = 0.1

LEAST = 0.01
"""Shares of the photograph; what takes less than LEAST is not told."""

STUFF = 0.08
"""Share of the photograph that a mass noun must take."""

COMPARABLE = 0.25
"""Things of one name are counted together where they have this share of the largest one's area."""

UNPLACED = 0.1
"""What only the whole photograph shows is as prominent as if it took this share of it."""


@dataclass(frozen=True)
class Sighting:
    """Everything of one name.

    Attributes:
        name: As the vocabulary has it.
        things: Where it was seen, the most prominent first; none where only the whole photograph says so.
        confidence: Of the name for the whole photograph, or of the surest thing, whichever is higher.
        reach: All regions of the name, also those that are nothing to be sure of by themselves.
    """

    name: str
    things: tuple[Thing, ...]
    confidence: float
    reach: tuple[Thing, ...] = ()

    def sure_of(self, count: int) -> float:
        """Probability that so many are there, as far as names go: that of the least sure of them."""
        if count <= 1 or not self.things:
            return self.confidence
        return min(thing.confidence for thing in self.things[:count])

    @property
    def area(self) -> int:
        """Pixels of all things."""
        return _area(self.things)

    @cached_property
    def mask(self) -> Mask:
        """Where the things are, bool [h, w] over the whole photograph at a low resolution."""
        return joined_mask(self.things)

    @cached_property
    def extent(self) -> Mask:
        """Where anything of the name may be, likewise."""
        return joined_mask(self.reach)


def sightings(scene: SceneResult) -> list[Sighting]:
    """What is surely there, the most prominent first; nothing is told that is not."""
    pixels, whole = scene.segment.width * scene.segment.height, _whole(scene.image)
    found = [*_found(scene, whole, pixels)]
    names = {one.name for one in found}
    found += [Sighting(name, (), sure) for name, sure in whole.items() if name not in names and sure >= SURE]
    return sorted(found, key=lambda one: -_prominence(one, pixels))


def _found(scene: SceneResult, whole: Mapping[str, float], pixels: int) -> Iterator[Sighting]:
    """The names that regions surely have."""
    for name, things in _by_name(scene, pixels).items():
        sure = [one for one in things if one.confidence >= _bar(one, pixels)]
        if sure and (told := _told(name, sure, pixels)):
            best = max(whole.get(name, 0.0), *(one.confidence for one in told))
            yield Sighting(name, told, best, tuple(things))


def _by_name(scene: SceneResult, pixels: int) -> dict[str, list[Thing]]:
    """Regions that may have a name and are not tiny."""
    found: dict[str, list[Thing]] = {}
    ranks: Sequence[int] = scene.ranks or ()
    for index, region in enumerate(scene.segment.regions):
        chosen = scene.segment.names.namings[index].chosen
        if chosen.label != UNKNOWN and chosen.confidence >= FAINT and region.area >= LEAST * pixels:
            depth = (ranks[index] - 1) / max(1, len(ranks) - 1) if ranks else None
            found.setdefault(chosen.label, []).append(Thing(region, chosen.confidence, depth))
    return found


def _bar(thing: Thing, pixels: int) -> float:
    return SURER if thing.region.area < SMALL * pixels else SURE


def _told(name: str, things: Sequence[Thing], pixels: int) -> tuple[Thing, ...]:
    """Each thing once, the much smaller ones left out; nothing of a mass noun that takes too little room."""
    found = distinct(things)
    if is_mass(name):
        return tuple(found) if _area(found) >= STUFF * pixels else ()
    largest = max(one.region.area for one in found)
    return tuple(one for one in found if one.region.area >= COMPARABLE * largest)


def _area(things: Sequence[Thing]) -> int:
    return sum(one.region.area for one in things)


def _whole(image: Naming | None) -> dict[str, float]:
    """Names of the whole photograph and their probabilities."""
    return {} if image is None else {score.label: score.confidence for score in image.alternatives}


def _prominence(sighting: Sighting, pixels: int) -> float:
    """Large and sure comes first."""
    share = min(1.0, sighting.area / pixels) if sighting.things else UNPLACED
    return float(sighting.confidence * share**0.5)


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


LEGIBLE = 0.85
"""Least confidence of a line that is told."""

SHORTEST, LONGEST = 3, 60
"""Letters and digits that a line must have; characters of it that are told."""

TALL = 0.03
"""Share of the photograph's height that its letters must have."""

SIGN = "sign"


def reading(scene: SceneResult) -> str:
    """The words ", with a sign that reads “STOP”" of the tallest line; nothing where none is plain."""
    lines = [] if scene.text is None else scene.text.lines
    plain = [index for index, line in enumerate(lines) if _is_plain(line, scene.segment.height)]
    if not plain:
        return ""
    chosen = max(plain, key=lambda index: _height(lines[index]))
    said = lines[chosen].text.strip()
    shown = said if len(said) <= LONGEST else said[: LONGEST - 1].rstrip() + "…"
    return f", with {'a sign' if _on_sign(scene, chosen) else 'text'} that reads “{shown}”"


def _is_plain(line: TextLine, height: int) -> bool:
    readable = sum(letter.isalnum() for letter in line.text) >= SHORTEST
    return readable and line.confidence >= LEGIBLE and _height(line) >= TALL * height


def _height(line: TextLine) -> float:
    """Of its letters, in pixels: how long its left edge is."""
    return math.dist(line.quad[0], line.quad[3])


def _on_sign(scene: SceneResult, line: int) -> bool:
    """Whether it lies on a region that is surely a sign."""
    return any(
        line in (facts.lines or ()) and naming.chosen.label == SIGN and naming.chosen.confidence >= SURE
        for facts, naming in zip(scene.facts, scene.segment.names.namings, strict=True)
    )
