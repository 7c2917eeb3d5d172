"""What is told of a scene, and what is not."""

import pytest

from domain.labels import LabelScore
from domain.text import TextLine
from services.caption.scene import labelled_objects, text_phrase
from services.caption.sentences import sentence_candidates
from tests.unit.services.caption.scenes import SIDE, Patch, scene

FIELD = Patch("grass", (0, 50, 100, 50), rank=2)
SKY = Patch("sky", (0, 0, 100, 50), rank=9)
DOG = Patch("dog", (40, 40, 20, 40))


def said(*patches: Patch, image: tuple[LabelScore, ...] = ()) -> list[str]:
    return [one.text for one in sentence_candidates(labelled_objects(scene(*patches, image=image)), SIDE)]


def counts(*patches: Patch) -> dict[str, int]:
    return {one.name: len(one.objects) for one in labelled_objects(scene(*patches))}


def test_a_thing_its_ground_and_what_is_behind() -> None:
    texts = said(DOG, FIELD, SKY)
    assert {"a dog", "a dog on grass", "a dog on grass with sky behind", "a dog with sky behind"} <= set(
        texts
    )
    assert len(texts) == len(set(texts))
    assert not any("sky with" in text or "in front of sky" in text for text in texts)


def test_what_is_not_sure_is_not_told() -> None:
    assert said(Patch("dog", (40, 40, 20, 40), confidence=0.49)) == []
    assert said(Patch("unknown", (40, 40, 20, 40))) == []
    assert said(Patch("dog", (0, 0, 10, 10), confidence=0.7)) == []  # Small ones must be surer.
    assert said(Patch("dog", (0, 0, 20, 10), confidence=0.8)) == ["a dog on the left"]
    assert said(Patch("dog", (0, 0, 5, 5), confidence=0.99)) == []
    assert said(Patch("grass", (0, 0, 20, 20))) == []  # Too little to be a lawn.


def test_what_only_the_whole_photograph_says() -> None:
    assert said(image=(LabelScore("dog", 0.9), LabelScore("cat", 0.1))) == ["a dog"]


def test_each_thing_is_counted_once() -> None:
    left, right = Patch("dog", (5, 30, 30, 40)), Patch("dog", (60, 30, 30, 40))
    assert counts(left, right) == {"dog": 2}
    assert {"a dog", "two dogs", "dogs"} == set(said(left, right))
    head, both = Patch("dog", (10, 32, 15, 15)), Patch("dog", (5, 30, 85, 40), confidence=0.6)
    assert counts(left, right, head) == {"dog": 2}
    assert counts(both, head) == {"dog": 1}
    far = Patch("dog", (45, 5, 10, 10))  # A ninth of the others' size.
    assert counts(left, right, far) == {"dog": 2}


def test_a_count_is_as_sure_as_the_least_sure_of_what_is_counted() -> None:
    left, right = Patch("dog", (5, 30, 30, 40)), Patch("dog", (60, 30, 30, 40), confidence=0.6)
    sure = {
        one.text: one.confidence for one in sentence_candidates(labelled_objects(scene(left, right)), SIDE)
    }
    assert (sure["a dog"], sure["two dogs"]) == (0.9, 0.6)


@pytest.mark.parametrize(("x", "where"), [(5, " on the left"), (75, " on the right"), (40, "")])
def test_sides(x: int, where: str) -> None:
    assert said(Patch("dog", (x, 40, 20, 40))) == [f"a dog{where}"]


def test_two_things_on_two_sides() -> None:
    texts = said(Patch("dog", (5, 40, 20, 40)), Patch("cat", (75, 40, 20, 40)))
    assert "a dog on the left and a cat on the right" in texts


def test_what_encoders_are_asked_has_no_sides() -> None:
    found = sentence_candidates(labelled_objects(scene(Patch("dog", (5, 40, 20, 40)), FIELD)), SIDE)
    assert ("A dog on grass.", "a dog on grass, on the left") in [(one.scored, one.text) for one in found]


def test_in_front_of_what_is_larger_and_farther() -> None:
    house = Patch("house", (20, 0, 70, 75), rank=9)
    assert "a dog in front of a house" in said(DOG, house)
    assert not any("in front" in text for text in said(DOG, Patch("house", (20, 0, 70, 75), rank=1)))
    beside = Patch("house", (65, 0, 35, 75), rank=9)
    assert not any("in front" in text for text in said(DOG, beside))


def test_what_is_not_farther_is_near() -> None:
    beside = Patch("water", (70, 0, 30, 100), rank=1)
    assert "a dog near water" in said(DOG, beside)
    behind = Patch("water", (70, 0, 30, 100), rank=9)
    assert "a dog with water behind" in said(DOG, behind)
    assert said(beside, image=(LabelScore("dog", 0.9),)) == ["a dog", "a view of water"]


def test_on_and_in() -> None:
    assert "a cup on a table" in said(
        Patch("cup", (40, 40, 20, 20)), Patch("table", (0, 30, 100, 70), rank=2)
    )
    assert "a dog in water" in said(DOG, Patch("water", (0, 30, 100, 70), rank=2))


def test_scenery_alone() -> None:
    assert said(FIELD, SKY) == ["a view of grass", "a view of grass and sky"]
    trees = Patch("tree", (0, 20, 30, 60)), Patch("tree", (60, 20, 30, 60))
    assert said(*trees) == ["a view of trees"]


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
