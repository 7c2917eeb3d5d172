"""What a scene surely shows, by name, and how much of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from domain.arrays import Mask
from domain.labels import UNKNOWN, Naming
from services.analyze.service import SceneResult
from services.caption.grammar import is_mass
from services.caption.things import Thing, distinct, joined_mask

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
