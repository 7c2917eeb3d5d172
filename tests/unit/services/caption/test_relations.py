"""Sides, support and background in the sentences about a scene."""

import pytest

from domain.labels import LabelScore
from tests.unit.services.caption.scenes import Patch, sentences

DOG = Patch("dog", (40, 40, 20, 40))


@pytest.mark.parametrize(("x", "where"), [(5, " on the left"), (75, " on the right"), (40, "")])
def test_sides(x: int, where: str) -> None:
    assert sentences(Patch("dog", (x, 40, 20, 40))) == [f"a dog{where}"]


def test_two_things_on_two_sides() -> None:
    texts = sentences(Patch("dog", (5, 40, 20, 40)), Patch("cat", (75, 40, 20, 40)))
    assert "a dog on the left and a cat on the right" in texts


def test_in_front_of_what_is_larger_and_farther() -> None:
    house = Patch("house", (20, 0, 70, 75), rank=9)
    assert "a dog in front of a house" in sentences(DOG, house)
    assert not any("in front" in text for text in sentences(DOG, Patch("house", (20, 0, 70, 75), rank=1)))
    beside = Patch("house", (65, 0, 35, 75), rank=9)
    assert not any("in front" in text for text in sentences(DOG, beside))


def test_what_is_not_farther_is_near() -> None:
    beside = Patch("water", (70, 0, 30, 100), rank=1)
    assert "a dog near water" in sentences(DOG, beside)
    behind = Patch("water", (70, 0, 30, 100), rank=9)
    assert "a dog with water behind" in sentences(DOG, behind)
    assert sentences(beside, image=(LabelScore("dog", 0.9),)) == ["a dog", "a view of water"]


def test_on_and_in() -> None:
    assert "a cup on a table" in sentences(
        Patch("cup", (40, 40, 20, 20)), Patch("table", (0, 30, 100, 70), rank=2)
    )
    assert "a dog in water" in sentences(DOG, Patch("water", (0, 30, 100, 70), rank=2))
