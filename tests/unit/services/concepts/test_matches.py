"""Matches of concept prompts."""

import pytest

from domain.masks import FoundMasks, Region, Rle
from domain.models import ModelInfo
from services.concepts.matches import ConceptMatches

INFO = ModelInfo("fake", "0" * 64)


def _matches(*confidence: float, prompts: tuple[int, ...] = ()) -> ConceptMatches:
    regions = tuple(Region(Rle(9, 9, ""), (index, 0, 1, 1), 1, 1.0, 1.0) for index in range(len(confidence)))
    return ConceptMatches(FoundMasks("key", regions, INFO, 1), prompts or (0,) * len(confidence), confidence)


def _places(matches: ConceptMatches) -> list[int]:
    return [region.xywh[0] for region in matches.found.regions]


def test_the_best_are_kept_in_their_order() -> None:
    best = _matches(0.9, 0.6, 0.7, 0.8, prompts=(0, 0, 1, 2)).best(3, 0.0)
    assert _places(best) == [0, 2, 3]
    assert best.prompt_index == (0, 1, 2)
    assert best.confidence == (0.9, 0.7, 0.8)
    assert best.found.key != "key"


def test_those_below_the_least_confidence_are_left_out() -> None:
    assert _places(_matches(0.9, 0.5, 0.4).best(10, 0.5)) == [0, 1]
    assert _places(_matches(0.4).best(10, 0.5)) == []


def test_on_ties_the_earlier_ones_are_kept() -> None:
    assert _places(_matches(0.7, 0.7, 0.7).best(2, 0.0)) == [0, 1]


def test_matches_that_are_all_kept_stay_as_they_are() -> None:
    every = _matches(0.9, 0.8)
    assert every.best(2, 0.8) is every


def test_each_region_has_an_index_and_a_confidence() -> None:
    with pytest.raises(ValueError, match="as many prompt indices and confidences"):
        ConceptMatches(FoundMasks("key", (), INFO, 1), (0,), (0.5,))
