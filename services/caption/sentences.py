"""Candidate sentences, from few words to many, about what a scene surely shows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from services.caption.grammar import SCENERY, counted, is_mass, joined, plural, sentence
from services.caption.scene import Setting, Sighting, scenery, setting, side, surroundings

SUBJECTS = 4
"""So many of the most prominent names may be what a sentence is about."""

SETTINGS = 3
"""So many names may be tried as what its subject stands on, and as many as what is behind."""


@dataclass(frozen=True)
class Candidate:
    """One sentence.

    Attributes:
        scored: The sentence that an encoder is asked about: what is there, how many, on what, before what.
        text: The same without a full stop, and on which side things are: encoders know nothing of sides.
        confidence: Of the least sure name in it, 0..1.
    """

    scored: str
    text: str
    confidence: float


@dataclass(frozen=True)
class Subject:
    """What a sentence may be about.

    Attributes:
        words: "two dogs", "a dog and a cat".
        placed: The same, with sides where two things have different ones.
        tail: Its side, for the end of the sentence; empty where there is none.
        names: What they name.
        confidence: Of the least sure of them.
    """

    words: str
    placed: str
    tail: str
    names: tuple[Sighting, ...]
    confidence: float


def candidates(seen: Sequence[Sighting], width: int) -> list[Candidate]:
    """Sentences about what is seen, no two the same; one at least where anything is.

    Args:
        seen: The most prominent first.
        width: Of the photograph, in pixels.
    """
    things = [one for one in seen if one.name not in SCENERY and not is_mass(one.name)]
    views = [one for one in seen if one not in things]
    found: dict[str, Candidate] = {}
    for subject in _subjects(things[:SUBJECTS], width):
        for candidate in _about(subject, [one for one in seen if one not in subject.names]):
            found.setdefault(candidate.scored, candidate)
    for candidate in _views(views[:SETTINGS]):
        found.setdefault(candidate.scored, candidate)
    return [*found.values()]


def _subjects(things: Sequence[Sighting], width: int) -> Iterator[Subject]:
    """Each thing, as one and as many as were counted; and every two of them."""
    for one in things:
        words, tail = counted(one.name, 1), side(one, width)
        yield Subject(words, words, tail, (one,), one.confidence)
        if (count := len(one.things)) > 1:
            for words in (counted(one.name, count), plural(one.name)):
                yield Subject(words, words, "", (one,), one.sure_of(count))
    for pair in combinations(things, 2):
        yield _together(pair, width)


def _together(pair: tuple[Sighting, ...], width: int) -> Subject:
    phrases = [counted(one.name, max(1, len(one.things))) for one in pair]
    sides = [side(one, width) for one in pair]
    apart = all(sides) and sides[0] != sides[1]
    placed = [f"{phrase} {where}" for phrase, where in zip(phrases, sides, strict=True)] if apart else phrases
    return Subject(
        joined(phrases), joined(placed), "", pair, min(one.sure_of(len(one.things)) for one in pair)
    )


def _about(subject: Subject, others: Sequence[Sighting]) -> Iterator[Candidate]:
    """The subject alone, in each of its settings, and these with what else is seen around it."""
    first = subject.names[0]
    settings = [found for other in others if (found := setting(first, other))][:SETTINGS]
    seen = [one for one in others if one.name in SCENERY and one.things and first.things][:SETTINGS]
    around = [surroundings(first, one) for one in seen]
    taken = {one.name for one in settings}
    yield _candidate(subject, [])
    for one in settings:
        yield _candidate(subject, [one])
        yield from (_candidate(subject, [one, other]) for other in around if other.name != one.name)
    yield from (_candidate(subject, [other]) for other in around if other.name not in taken)


def _candidate(subject: Subject, settings: Sequence[Setting]) -> Candidate:
    words = [one.words for one in settings]
    scored, text = " ".join([subject.words, *words]), " ".join([subject.placed, *words])
    if subject.tail:
        text += f", {subject.tail}" if words else f" {subject.tail}"
    confidence = min([subject.confidence, *(one.confidence for one in settings)])
    return Candidate(sentence(scored), text, confidence)


def _views(seen: Sequence[Sighting]) -> Iterator[Candidate]:
    """Of a photograph without anything else: its scenery."""
    for count in range(1, len(seen) + 1):
        text = f"a view of {joined([scenery(one) for one in seen[:count]])}"
        yield Candidate(sentence(text), text, min(one.confidence for one in seen[:count]))
