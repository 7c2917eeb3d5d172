"""The search by example, over fakes."""

import numpy as np
import pytest

import bootstrap
from config.settings import Settings
from domain.arrays import Rgb
from domain.errors import InvalidRequest
from domain.masks import Prompt, Rle
from services.concepts.examples import ExamplePrompt, ExampleRegion
from services.concepts.matches import ConceptMatches
from services.images.photo import Photo
from services.masks.formats import encode_rle
from services.masks.options import MaskOptions, PointGrid
from services.progress import Progress
from tests.conftest import fake_services

HEIGHT, WIDTH = 96, 160
GRID = MaskOptions(PointGrid(), 64)


@pytest.fixture
def services(settings: Settings) -> bootstrap.Services:
    return fake_services(settings)


def _photo(rgb: Rgb, key: str = "sha256:a") -> Photo:
    return Photo.of(rgb, key)


def _box(x0: float, y0: float, x1: float, y1: float, *, positive: bool = True) -> ExampleRegion:
    box = np.array([x0, y0, x1, y1], np.float64)
    return ExampleRegion(Prompt(np.zeros((0, 2)), np.zeros(0, np.int64), box), positive)


def _mask(rows: slice, columns: slice) -> Rle:
    mask = np.zeros((HEIGHT, WIDTH), np.bool_)
    mask[rows, columns] = True
    return encode_rle(mask)


def _masked(mask: Rle, *, positive: bool = True) -> ExampleRegion:
    return ExampleRegion(Prompt(np.zeros((0, 2)), np.zeros(0, np.int64), None, mask), positive)


def _find(
    services: bootstrap.Services, photo: Photo, *examples: ExampleRegion, shown: Photo | None = None
) -> ConceptMatches:
    return services.concepts.find(photo, ExamplePrompt(examples, shown), GRID, 0.0, Progress())


def test_masks_and_boxes_may_be_mixed_and_come_first(services: bootstrap.Services, red_green: Rgb) -> None:
    mask = _mask(slice(10, 40), slice(100, 140))
    found = _find(services, _photo(red_green), _box(10, 10, 60, 80), _masked(mask))
    assert found.confidence[:2] == (1.0, 1.0)
    assert max(found.confidence[2:]) < 1
    boxed, masked = found.found.regions[:2]
    assert boxed.xywh[0] + boxed.xywh[2] <= 80
    assert (masked.rle, masked.xywh, masked.area) == (mask, (100, 10, 40, 30), 1200)


def test_two_examples_of_one_region_are_answered_once(services: bootstrap.Services, red_green: Rgb) -> None:
    once = _find(services, _photo(red_green), _box(10, 10, 60, 80))
    twice = _find(services, _photo(red_green), _box(10, 10, 60, 80), _box(10, 10, 60, 80))
    assert twice.found.regions == once.found.regions


def test_a_negative_example_is_not_answered(services: bootstrap.Services, red_green: Rgb) -> None:
    both = _find(services, _photo(red_green), _box(10, 10, 60, 80))
    unwanted = both.found.regions[1]
    negative = _masked(unwanted.rle, positive=False)
    found = _find(services, _photo(red_green), _box(10, 10, 60, 80), negative)
    assert unwanted in both.found.regions
    assert unwanted not in found.found.regions


def test_examples_of_another_image_are_not_answered(services: bootstrap.Services, red_green: Rgb) -> None:
    shown = _photo(np.ascontiguousarray(red_green[:, ::-1]), "sha256:b")
    found = _find(services, _photo(red_green), _box(100, 10, 150, 80), shown=shown)
    assert found.confidence
    assert max(found.confidence) < 1
    best = found.found.regions[0]
    assert best.xywh[0] + best.xywh[2] / 2 < WIDTH / 2


def test_the_key_has_both_images_and_the_examples(services: bootstrap.Services, red_green: Rgb) -> None:
    shown = _photo(np.ascontiguousarray(red_green[:, ::-1]), "sha256:b")
    one = _find(services, _photo(red_green), _box(100, 10, 150, 80), shown=shown).found.key
    other = _find(services, _photo(red_green), _box(100, 10, 150, 81), shown=shown).found.key
    assert one != other
    assert "sha256:a" in repr(one)
    assert "sha256:b" in repr(one)


def test_examples_outside_of_their_image_are_named(services: bootstrap.Services, red_green: Rgb) -> None:
    photo = _photo(red_green)
    small = _photo(np.ascontiguousarray(red_green[:50, :60]), "sha256:b")
    prompt = ExamplePrompt((_box(0, 0, 9, 9), _box(0, 0, 61, 9)), small)
    services.concepts.check(photo, ExamplePrompt(prompt.examples))
    with pytest.raises(InvalidRequest, match=r"^examples\.1\.box: expected 0 <= x0 < x1 <= 60") as refused:
        services.concepts.check(photo, prompt)
    assert refused.value.details["example_index"] == 1
    wrong = ExamplePrompt((_masked(encode_rle(np.ones((4, 4), np.bool_))),))
    with pytest.raises(InvalidRequest, match=r"^examples\.0\.mask"):
        services.concepts.check(photo, wrong)


def test_one_example_is_positive() -> None:
    with pytest.raises(ValueError, match="at least one positive example"):
        ExamplePrompt((_box(0, 0, 9, 9, positive=False),))
