"""The search by phrases, over fakes."""

import numpy as np
import pytest

import bootstrap
from config.settings import Settings
from domain.arrays import Rgb
from domain.labels import Label, Vocabulary
from services.concepts.matches import ConceptMatches
from services.concepts.text import TextPrompt
from services.images.photo import Photo
from services.masks.options import MaskOptions, PointGrid
from services.progress import Progress
from tests.conftest import fake_services

GRID = MaskOptions(PointGrid(), 64)
OTHERS = Vocabulary("others", (Label("blue"), Label("green"), Label("red")))


@pytest.fixture
def services(settings: Settings) -> bootstrap.Services:
    return fake_services(settings)


def _find(
    services: bootstrap.Services, rgb: Rgb, *phrases: str, others: Vocabulary = OTHERS
) -> ConceptMatches:
    prompt = TextPrompt(tuple(map(Label, phrases)), others)
    return services.concepts.find(Photo.of(rgb, "sha256:a"), prompt, GRID, 0.0, Progress())


def test_each_phrase_gets_its_own_regions(services: bootstrap.Services, red_green: Rgb) -> None:
    matches = _find(services, red_green, "green", "something red", "blue")
    assert set(matches.prompt_index) == {0, 1}
    for index, region in zip(matches.prompt_index, matches.found.regions, strict=True):
        x, _, width, _ = region.xywh
        is_red = x + width / 2 < red_green.shape[1] / 2
        assert is_red == (index == 1)


def test_the_answer_for_a_phrase_does_not_depend_on_the_others(
    services: bootstrap.Services, red_green: Rgb
) -> None:
    alone, both = _find(services, red_green, "red"), _find(services, red_green, "xyzzy", "red", "green")
    red = [place for place, index in enumerate(both.prompt_index) if index == 1]
    assert tuple(both.found.regions[place] for place in red) == alone.found.regions
    assert tuple(both.confidence[place] for place in red) == alone.confidence


def test_equal_phrases_get_equal_answers(services: bootstrap.Services, red_green: Rgb) -> None:
    matches = _find(services, red_green, "red", "red")
    half = len(matches.found.regions) // 2
    assert half
    assert matches.found.regions[:half] == matches.found.regions[half:]


def test_what_is_absent_has_no_regions(services: bootstrap.Services, red_green: Rgb) -> None:
    matches = _find(services, red_green, "blue")
    assert matches.found.regions == ()
    assert matches.found.prompts > 0


def test_the_best_regions_of_a_phrase_come_first(services: bootstrap.Services, red_green: Rgb) -> None:
    matches = _find(services, red_green, "red", "green")
    for index in (0, 1):
        own = [
            confidence
            for place, confidence in zip(matches.prompt_index, matches.confidence, strict=True)
            if place == index
        ]
        assert own == sorted(own, reverse=True)
        assert all(0 < confidence < 1 for confidence in own)


def test_keys_tell_prompts_apart(services: bootstrap.Services, red_green: Rgb) -> None:
    keys = {
        _find(services, red_green, *phrases, others=others).found.key
        for phrases in (("red",), ("green",), ("red", "green"))
        for others in (OTHERS, Vocabulary("others", (Label("blue"),)))
    }
    assert len(keys) == 6


def test_an_image_that_shows_nothing_has_no_regions(services: bootstrap.Services) -> None:
    matches = _find(services, np.full((96, 160, 3), 200, np.uint8), "red", "sky")
    assert matches.found.regions == ()
