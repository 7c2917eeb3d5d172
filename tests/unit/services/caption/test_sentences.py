"""Sentences state what a scene confidently shows, and nothing else."""

import pytest

from domain.labels import LabelScore
from domain.text import TextLine
from services.caption.scene import labelled_objects
from services.caption.sentences import sentence_candidates, text_phrase
from tests.unit.services.caption.scenes import SIDE, Patch, scene, sentences

FIELD = Patch("grass", (0, 50, 100, 50), rank=2)
SKY = Patch("sky", (0, 0, 100, 50), rank=9)
DOG = Patch("dog", (40, 40, 20, 40))


def test_a_thing_its_ground_and_what_is_behind() -> None:
    texts = sentences(DOG, FIELD, SKY)
    assert {"a dog", "a dog on grass", "a dog on grass with sky behind", "a dog with sky behind"} <= set(
        texts
    )
    assert len(texts) == len(set(texts))
    assert not any("sky with" in text or "in front of sky" in text for text in texts)


def test_what_is_not_sure_is_not_told() -> None:
    assert sentences(Patch("dog", (40, 40, 20, 40), confidence=0.49)) == []
    assert sentences(Patch("unknown", (40, 40, 20, 40))) == []
    assert sentences(Patch("dog", (0, 0, 10, 10), confidence=0.7)) == []  # Small ones must be surer.
    assert sentences(Patch("dog", (0, 0, 20, 10), confidence=0.8)) == ["a dog on the left"]
    assert sentences(Patch("dog", (0, 0, 5, 5), confidence=0.99)) == []
    assert sentences(Patch("grass", (0, 0, 20, 20))) == []  # Too little to be a lawn.


def test_what_only_the_whole_photograph_says() -> None:
    assert sentences(image=(LabelScore("dog", 0.9), LabelScore("cat", 0.1))) == ["a dog"]


def test_a_count_is_as_sure_as_the_least_sure_of_what_is_counted() -> None:
    left, right = Patch("dog", (5, 30, 30, 40)), Patch("dog", (60, 30, 30, 40), confidence=0.6)
    sure = {
        one.text: one.confidence for one in sentence_candidates(labelled_objects(scene(left, right)), SIDE)
    }
    assert (sure["a dog"], sure["two dogs"]) == (0.9, 0.6)


def test_what_encoders_are_asked_has_no_sides() -> None:
    found = sentence_candidates(labelled_objects(scene(Patch("dog", (5, 40, 20, 40)), FIELD)), SIDE)
    assert ("A dog on grass.", "a dog on grass, on the left") in [(one.scored, one.text) for one in found]


def test_scenery_alone() -> None:
    assert sentences(FIELD, SKY) == ["a view of grass", "a view of grass and sky"]
    trees = Patch("tree", (0, 20, 30, 60)), Patch("tree", (60, 20, 30, 60))
    assert sentences(*trees) == ["a view of trees"]


def line(text: str, confidence: float = 0.95, height: float = 10) -> TextLine:
    return TextLine(text, confidence, ((10, 10), (60, 10), (60, 10 + height), (10, 10 + height)))


def test_the_tallest_line_is_read_out() -> None:
    lines = (line("small print", height=5), line("STOP"))
    assert text_phrase(scene(DOG, lines=lines)) == ", with text that reads “STOP”"
    sign = Patch("sign", (5, 5, 60, 30), lines=(1,))
    assert text_phrase(scene(sign, lines=lines)) == ", with a sign that reads “STOP”"


@pytest.mark.parametrize("bad", [line("STOP", 0.5), line("a."), line("STOP", height=2)])
def test_what_is_not_plain_is_not_read_out(bad: TextLine) -> None:
    assert text_phrase(scene(DOG, lines=(bad,))) == ""


def test_long_lines_are_cut() -> None:
    told = text_phrase(scene(DOG, lines=(line("word " * 30),)))
    assert told.endswith("…”")
    assert len(told) < 100
