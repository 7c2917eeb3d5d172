"""Candidate sentences, from few words to many, about what a scene surely shows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from services.caption.grammar import (
    SCENERY_NOUNS,
    count_phrase,
    is_mass_noun,
    join_phrases,
    pluralize,
    to_sentence,
)
from services.caption.scene import (
    LabelledObjects,
    Setting,
    background_setting,
    find_setting,
    scenery_phrase,
    side_phrase,
)

MAX_SUBJECTS = 4
"""So many of the most prominent names may be what a sentence is about."""

MAX_SETTINGS = 3
"""So many names may be tried as what its subject stands on, and as many as what is behind."""


@dataclass(frozen=True)
class SentenceCandidate:
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
class SentenceSubject:
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
    names: tuple[LabelledObjects, ...]
    confidence: float


def sentence_candidates(present: Sequence[LabelledObjects], width: int) -> list[SentenceCandidate]:
    """Sentences about what is seen, no two the same; one at least where anything is.

    Args:
        present: The most prominent first.
        width: Of the photograph, in pixels.
    """
    objects = [one for one in present if one.name not in SCENERY_NOUNS and not is_mass_noun(one.name)]
    views = [one for one in present if one not in objects]
    found: dict[str, SentenceCandidate] = {}
    for subject in _subjects(objects[:MAX_SUBJECTS], width):
        for candidate in _about(subject, [one for one in present if one not in subject.names]):
            found.setdefault(candidate.scored, candidate)
    for candidate in _scenery_sentences(views[:MAX_SETTINGS]):
        found.setdefault(candidate.scored, candidate)
    return [*found.values()]


def _subjects(objects: Sequence[LabelledObjects], width: int) -> Iterator[SentenceSubject]:
    """Each thing, as one and as many as were counted; and every two of them."""
    for one in objects:
        words, tail = count_phrase(one.name, 1), side_phrase(one, width)
        yield SentenceSubject(words, words, tail, (one,), one.confidence)
        if (count := len(one.objects)) > 1:
            for words in (count_phrase(one.name, count), pluralize(one.name)):
                yield SentenceSubject(words, words, "", (one,), one.count_confidence(count))
    for pair in combinations(objects, 2):
        yield _together(pair, width)


def _together(pair: tuple[LabelledObjects, ...], width: int) -> SentenceSubject:
    phrases = [count_phrase(one.name, max(1, len(one.objects))) for one in pair]
    sides = [side_phrase(one, width) for one in pair]
    apart = all(sides) and sides[0] != sides[1]
    placed = [f"{phrase} {where}" for phrase, where in zip(phrases, sides, strict=True)] if apart else phrases
    return SentenceSubject(
        join_phrases(phrases),
        join_phrases(placed),
        "",
        pair,
        min(one.count_confidence(len(one.objects)) for one in pair),
    )


def _about(subject: SentenceSubject, others: Sequence[LabelledObjects]) -> Iterator[SentenceCandidate]:
    """The subject alone, in each of its settings, and these with what else is seen around it."""
    first = subject.names[0]
    settings = [found for other in others if (found := find_setting(first, other))][:MAX_SETTINGS]
    present = [one for one in others if one.name in SCENERY_NOUNS and one.objects and first.objects][
        :MAX_SETTINGS
    ]
    around = [background_setting(first, one) for one in present]
    taken = {one.name for one in settings}
    yield _candidate(subject, [])
    for one in settings:
        yield _candidate(subject, [one])
        yield from (_candidate(subject, [one, other]) for other in around if other.name != one.name)
    yield from (_candidate(subject, [other]) for other in around if other.name not in taken)


def _candidate(subject: SentenceSubject, settings: Sequence[Setting]) -> SentenceCandidate:
    words = [one.words for one in settings]
    scored, text = " ".join([subject.words, *words]), " ".join([subject.placed, *words])
    if subject.tail:
        text += f", {subject.tail}" if words else f" {subject.tail}"
    confidence = min([subject.confidence, *(one.confidence for one in settings)])
    return SentenceCandidate(to_sentence(scored), text, confidence)


def _scenery_sentences(present: Sequence[LabelledObjects]) -> Iterator[SentenceCandidate]:
    """Of a photograph without anything else: its scenery."""
    for count in range(1, len(present) + 1):
        text = f"a view of {join_phrases([scenery_phrase(one) for one in present[:count]])}"
        yield SentenceCandidate(to_sentence(text), text, min(one.confidence for one in present[:count]))
