"""Probabilities over names plus a reject class."""

import numpy as np
import pytest

from adapters.memory_cache import ByteBudgetCache
from domain.types import Label, Region, Vocabulary
from services.mask_formats import encode_rle
from services.naming import choose, name_regions, probabilities
from services.options import NamingOptions
from services.progress import Progress
from services.text_vectors import TextVectors
from services.views import VIEWS
from tests.fakes import ColorEncoder

COLORS = Vocabulary.of("custom", [Label("red"), Label("green")])


def region(x: int, y: int, w: int, h: int, shape: tuple[int, int] = (100, 200)) -> Region:
    mask = np.zeros(shape, np.bool_)
    mask[y : y + h, x : x + w] = True
    return Region(encode_rle(mask), (x, y, w, h), w * h, 0.5, 0.5)


def test_probabilities_sum_to_one_and_include_the_reject_class() -> None:
    shares = probabilities(
        np.array([[0.9, 0.1], [0.1, 0.1]], np.float32), np.array([0.7, 0.7], np.float32), 20.0
    )
    assert shares.shape == (2, 3)
    assert shares.sum(axis=1) == pytest.approx([1, 1])
    assert shares[0].argmax() == 0
    assert shares[1].argmax() == 2


@pytest.mark.parametrize(
    ("shares", "threshold", "label", "confidence"),
    [
        ([0.6, 0.1, 0.3], 0.0, "red", 0.6),
        ([0.3, 0.1, 0.6], 0.0, "unknown", 0.6),
        ([0.6, 0.1, 0.3], 0.7, "unknown", 0.3),
        ([0.2, 0.5, 0.3], 0.5, "green", 0.5),
    ],
)
def test_choice(shares: list[float], threshold: float, label: str, confidence: float) -> None:
    options = NamingOptions(COLORS, top_k=2, confidence_threshold=threshold)
    naming = choose(np.array(shares, np.float32), options)
    assert naming.chosen.label == label
    assert naming.chosen.confidence == pytest.approx(confidence)
    assert {score.label for score in naming.alternatives} == {"red", "green"}


def test_regions_go_through_in_batches_and_texts_once() -> None:
    encoder, texts = ColorEncoder(), TextVectors(ByteBudgetCache(1_000_000))
    rgb = np.zeros((100, 200, 3), np.uint8)
    rgb[..., 0] = 255
    regions = [region(index, 0, 10, 10) for index in range(26)]
    steps = []
    for _ in range(2):
        progress = Progress(lambda stage, done, total: steps.append((stage, done, total)))
        namings = name_regions(rgb, regions, encoder, texts, NamingOptions(COLORS), progress)
        assert {naming.chosen.label for naming in namings} == {"red"}
    assert encoder.batches == [10, 10, 6] * 2
    assert encoder.texts == ["red", "green"]
    assert steps[:3] == [("classify", 10, 26), ("classify", 20, 26), ("classify", 26, 26)]


def test_a_label_is_as_near_as_its_nearest_text() -> None:
    labels = Vocabulary.of("custom", [Label("warm", ("red",), ("blue",)), Label("green")])
    vectors = TextVectors(ByteBudgetCache(1_000_000)).of(labels, ColorEncoder())
    images = ColorEncoder().encode_images([np.full((2, 2, 3), (0, 0, 255), np.uint8)])
    similarities = vectors.similarities(images)
    assert similarities.shape == (1, 2)
    assert similarities[0, 0] == pytest.approx(1.0, abs=1e-4)


def test_views() -> None:
    rng = np.random.default_rng(0)
    rgb = rng.integers(0, 255, (100, 200, 3), np.uint8)
    shown = region(50, 40, 20, 10)
    assert VIEWS["crop"](rgb, shown).shape == (10, 20, 3)
    assert VIEWS["context"](rgb, shown).shape == pytest.approx((27, 27, 3), abs=1)
    blurred = VIEWS["blur"](rgb, shown)
    assert blurred.shape == VIEWS["context"](rgb, shown).shape
    assert blurred[:5].std() < rgb.std() / 4
    inside = VIEWS["context"](rgb, shown)[10:16, 8:18]
    assert np.array_equal(blurred[10:16, 8:18], inside)


def test_views_stay_inside_the_image() -> None:
    rgb = np.zeros((100, 200, 3), np.uint8)
    for view in VIEWS.values():
        for shown in (region(0, 0, 1, 1), region(199, 99, 1, 1), region(0, 0, 200, 100)):
            height, width = view(rgb, shown).shape[:2]
            assert 1 <= height <= 100
            assert 1 <= width <= 200
