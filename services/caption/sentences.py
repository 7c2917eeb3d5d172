"""Build candidate sentences, from short to long, that state only what a scene confidently shows."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from domain.text import TextLine
from services.analyze.service import AnalyzeResult
from services.caption.grammar import (
    SCENERY_NOUNS,
    count_phrase,
    is_mass_noun,
    join_phrases,
    pluralize,
    to_sentence,
)
from services.caption.relations import Setting, background_setting, find_setting, scenery_phrase, side_phrase
from services.caption.scene import MIN_OBJECT_CONFIDENCE, LabelledObjects

MAX_SUBJECTS = 4
"""Number of the most prominent labels that may be the subject of a sentence."""

MAX_SETTINGS = 3
"""Number of labels tried as the setting of a subject, and number of labels tried as its background."""

MIN_TEXT_CONFIDENCE = 0.85
"""Minimum confidence of a line of text that a caption quotes."""

MIN_TEXT_LETTERS, MAX_TEXT_CHARACTERS = 3, 60
"""Minimum number of letters and digits in a quoted line, and maximum length of the quotation."""

MIN_LETTER_HEIGHT_FRACTION = 0.03
"""Minimum height of the letters of a quoted line, as a fraction of the image height."""

SIGN_LABEL = "sign"


@dataclass(frozen=True)
class SentenceCandidate:
    """A sentence that may become the caption.

    Attributes:
        scored: The sentence that the encoder scores: objects, counts and settings.
        text: The same sentence without a full stop and with the sides of objects, which encoders ignore.
        confidence: The lowest confidence of a label in the sentence, 0..1.
    """

    scored: str
    text: str
    confidence: float


@dataclass(frozen=True, kw_only=True)
class SentenceSubject:
    """The subject of a sentence: one label or two labels.

    Attributes:
        words: A phrase such as "two dogs" or "a dog and a cat".
        placed: The same phrase with the sides of the objects where two labels are on different sides.
        tail: The side of the object, to be put at the end of the sentence; may be empty.
        names: The labels that the phrase mentions.
        confidence: The lowest confidence of these labels, 0..1.
    """

    words: str
    placed: str
    tail: str
    names: tuple[LabelledObjects, ...]
    confidence: float


def sentence_candidates(present: Sequence[LabelledObjects], width: int) -> list[SentenceCandidate]:
    """Return distinct sentences about a scene; at least one if anything is present.

    Args:
        present: The objects of each label, most prominent label first.
        width: Width of the image in pixels.
    """
    objects = [one for one in present if one.name not in SCENERY_NOUNS and not is_mass_noun(one.name)]
    scenery = [one for one in present if one not in objects]
    found: dict[str, SentenceCandidate] = {}
    for subject in _subjects(objects[:MAX_SUBJECTS], width):
        for candidate in _sentences_about(subject, [one for one in present if one not in subject.names]):
            found.setdefault(candidate.scored, candidate)
    for candidate in _scenery_sentences(scenery[:MAX_SETTINGS]):
        found.setdefault(candidate.scored, candidate)
    return [*found.values()]


def text_phrase(scene: AnalyzeResult) -> str:
    """Return a phrase such as ", with a sign that reads “STOP”" for the tallest legible line, or ""."""
    lines = [] if scene.text is None else scene.text.lines
    legible = [index for index, line in enumerate(lines) if _is_legible(line, scene.segment.height)]
    if not legible:
        return ""
    chosen = max(legible, key=lambda index: _letter_height(lines[index]))
    text = lines[chosen].text.strip()
    quoted = text if len(text) <= MAX_TEXT_CHARACTERS else text[: MAX_TEXT_CHARACTERS - 1].rstrip() + "…"
    return f", with {'a sign' if _is_on_sign(scene, chosen) else 'text'} that reads “{quoted}”"


def _subjects(objects: Sequence[LabelledObjects], width: int) -> Iterator[SentenceSubject]:
    """Yield each label in the singular and, if it was counted, in the plural; then each pair of labels."""
    for one in objects:
        words = count_phrase(one.name, 1)
        yield SentenceSubject(
            words=words,
            placed=words,
            tail=side_phrase(one, width),
            names=(one,),
            confidence=one.confidence,
        )
        if (count := len(one.objects)) > 1:
            confidence = one.count_confidence(count)
            for words in (count_phrase(one.name, count), pluralize(one.name)):
                yield SentenceSubject(words=words, placed=words, tail="", names=(one,), confidence=confidence)
    for pair in combinations(objects, 2):
        yield _pair_subject(pair, width)


def _pair_subject(pair: tuple[LabelledObjects, ...], width: int) -> SentenceSubject:
    phrases = [count_phrase(one.name, max(1, len(one.objects))) for one in pair]
    sides = [side_phrase(one, width) for one in pair]
    apart = all(sides) and sides[0] != sides[1]
    placed = [f"{phrase} {side}" for phrase, side in zip(phrases, sides, strict=True)] if apart else phrases
    return SentenceSubject(
        words=join_phrases(phrases),
        placed=join_phrases(placed),
        tail="",
        names=pair,
        confidence=min(one.count_confidence(len(one.objects)) for one in pair),
    )


def _sentences_about(
    subject: SentenceSubject, others: Sequence[LabelledObjects]
) -> Iterator[SentenceCandidate]:
    """Yield the subject alone, with each setting, with each background, and with both."""
    first = subject.names[0]
    settings = [found for other in others if (found := find_setting(first, other))][:MAX_SETTINGS]
    scenery = [one for one in others if one.name in SCENERY_NOUNS and one.objects and first.objects]
    backgrounds = [background_setting(first, one) for one in scenery[:MAX_SETTINGS]]
    setting_names = {one.name for one in settings}
    yield _candidate(subject, [])
    for one in settings:
        yield _candidate(subject, [one])
        yield from (_candidate(subject, [one, other]) for other in backgrounds if other.name != one.name)
    yield from (_candidate(subject, [other]) for other in backgrounds if other.name not in setting_names)


def _candidate(subject: SentenceSubject, settings: Sequence[Setting]) -> SentenceCandidate:
    words = [one.words for one in settings]
    scored, text = " ".join([subject.words, *words]), " ".join([subject.placed, *words])
    if subject.tail:
        text += f", {subject.tail}" if words else f" {subject.tail}"
    confidence = min([subject.confidence, *(one.confidence for one in settings)])
    return SentenceCandidate(to_sentence(scored), text, confidence)


def _scenery_sentences(present: Sequence[LabelledObjects]) -> Iterator[SentenceCandidate]:
    """Yield sentences about the scenery alone."""
    for count in range(1, len(present) + 1):
        text = f"a view of {join_phrases([scenery_phrase(one) for one in present[:count]])}"
        yield SentenceCandidate(to_sentence(text), text, min(one.confidence for one in present[:count]))


def _is_legible(line: TextLine, height: int) -> bool:
    return (
        sum(letter.isalnum() for letter in line.text) >= MIN_TEXT_LETTERS
        and line.confidence >= MIN_TEXT_CONFIDENCE
        and _letter_height(line) >= MIN_LETTER_HEIGHT_FRACTION * height
    )


def _letter_height(line: TextLine) -> float:
    """Return the length of the left edge of a line in pixels."""
    return math.dist(line.quad[0], line.quad[3])


def _is_on_sign(scene: AnalyzeResult, line: int) -> bool:
    """Return True if the line with this index lies in a region that is confidently a sign."""
    return any(
        line in (facts.lines or ())
        and labelled.chosen.label == SIGN_LABEL
        and labelled.chosen.confidence >= MIN_OBJECT_CONFIDENCE
        for facts, labelled in zip(scene.facts, scene.segment.labels.per_region, strict=True)
    )
