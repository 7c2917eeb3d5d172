"""Probabilities over names plus a reject class."""

import threading
from collections.abc import Sequence

import numpy as np
import pytest

from adapters.memory_cache import ByteBudgetCache
from adapters.threads import ThreadWorkerPool
from domain.arrays import Floats, Mask, Rgb
from domain.errors import InvalidRequest
from domain.labels import Label, LabelPrediction, Vocabulary
from domain.masks import Region
from domain.models import TextPrompting
from domain.ports.compute import WorkerPool
from domain.ports.models import DualEncoder
from services.labels.confidence import LabelOptions, choose_label, label_regions, softmax_with_reject
from services.labels.encode import encode_region_views, resolve_view
from services.labels.vectors import VocabularyEncoder
from services.masks.formats import encode_rle
from services.progress import Progress
from tests.fakes import ColorEncoder

POOL = ThreadWorkerPool(2)
COLORS = Vocabulary.of("custom", [Label("red"), Label("green")])


def name_regions(
    rgb: Rgb,
    regions: Sequence[Region],
    encoder: DualEncoder,
    texts: VocabularyEncoder,
    options: LabelOptions,
    pool: WorkerPool,
    progress: Progress,
) -> list[LabelPrediction]:
    """Encode and label regions, as the labelling service does without its caches."""
    view = resolve_view(options.view, encoder)
    looks = encode_region_views(rgb, regions, encoder, view, pool, progress)
    return label_regions(looks, encoder, texts, options, progress.check)


def region(x: int, y: int, w: int, h: int, shape: tuple[int, int] = (100, 200)) -> Region:
    mask = np.zeros(shape, np.bool_)
    mask[y : y + h, x : x + w] = True
    return Region(encode_rle(mask), (x, y, w, h), w * h, 0.5, 0.5)


def test_probabilities_sum_to_one_and_include_the_reject_class() -> None:
    shares = softmax_with_reject(
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
    options = LabelOptions(COLORS, top_k=2, confidence_threshold=threshold)
    naming = choose_label(np.array(shares, np.float32), options)
    assert naming.chosen.label == label
    assert naming.chosen.confidence == pytest.approx(confidence)
    assert {score.label for score in naming.alternatives} == {"red", "green"}


class SceneColors(ColorEncoder):
    """Sees every crop in the colour of its photograph."""

    def __init__(self) -> None:
        super().__init__()
        self.scenes = 0

    def encode_scene(self, rgb: Rgb) -> Floats:
        self.scenes += 1
        return self.encode_images([rgb])[0]

    def encode_crops(self, crops: Sequence[Rgb], scene: Floats) -> Floats:
        return np.repeat(scene[None], len(crops), axis=0)

    def encode_two_views(self, blurred: Sequence[Rgb], plain: Sequence[Rgb], scene: Floats) -> Floats:
        assert scene.shape == (3,)
        assert all(one.shape == other.shape for one, other in zip(blurred, plain, strict=True))
        return (self.encode_images(blurred) + self.encode_images(plain)) / 2


@pytest.mark.parametrize(("count", "scenes"), [(0, 0), (1, 1), (26, 1)])
def test_an_encoder_that_can_sees_the_photograph_once(count: int, scenes: int) -> None:
    encoder, texts = SceneColors(), VocabularyEncoder(ByteBudgetCache(1_000_000))
    rgb = np.zeros((100, 200, 3), np.uint8)
    rgb[..., 1], rgb[:50, :50] = 255, (255, 0, 0)
    regions = [region(index, 0, 10, 10) for index in range(count)]
    namings = name_regions(rgb, regions, encoder, texts, LabelOptions(COLORS), POOL, Progress())
    assert [naming.chosen.label for naming in namings] == ["green"] * count
    assert encoder.scenes == scenes


def test_a_region_can_be_shown_with_its_surroundings_blurred_and_as_it_is() -> None:
    encoder, texts = SceneColors(), VocabularyEncoder(ByteBudgetCache(1_000_000))
    rgb = np.zeros((100, 200, 3), np.uint8)
    rgb[..., 1], rgb[40:60, 90:110] = 255, (255, 0, 0)
    regions = [region(90, 40, 20, 20)] * 3
    namings = name_regions(rgb, regions, encoder, texts, LabelOptions(COLORS, "twice"), POOL, Progress())
    assert [naming.chosen.label for naming in namings] == ["red"] * 3
    assert encoder.batches == [1, 3, 3]


def test_regions_go_through_in_batches_and_texts_once() -> None:
    encoder, texts = ColorEncoder(), VocabularyEncoder(ByteBudgetCache(1_000_000))
    rgb = np.zeros((100, 200, 3), np.uint8)
    rgb[..., 0] = 255
    regions = [region(index, 0, 10, 10) for index in range(26)]
    steps = []
    for _ in range(2):
        progress = Progress(lambda stage, done, total, _: steps.append((stage, done, total)))
        namings = name_regions(rgb, regions, encoder, texts, LabelOptions(COLORS), POOL, progress)
        assert {naming.chosen.label for naming in namings} == {"red"}
    assert encoder.batches == [10, 10, 6] * 2
    assert encoder.texts == ["red", "green"]
    assert steps[:3] == [("classify", 10, 26), ("classify", 20, 26), ("classify", 26, 26)]


def test_an_encoder_that_takes_one_core_looks_at_several_regions_at_once() -> None:
    both = threading.Barrier(2, timeout=30)

    class Paired(ColorEncoder):
        prompting = TextPrompting(("{}",), "crop", 1, single_threaded=True)

        def encode_images(self, crops: Sequence[Rgb]) -> Floats:
            both.wait()
            return super().encode_images(crops)

    rgb = np.zeros((100, 200, 3), np.uint8)
    rgb[:, :100, 0], rgb[:, 100:, 1] = 255, 255
    regions = [region(100 * (index % 2), 0, 10, 10) for index in range(12)]
    texts = VocabularyEncoder(ByteBudgetCache(1_000_000))
    namings = name_regions(rgb, regions, Paired(), texts, LabelOptions(COLORS), POOL, Progress())
    assert [naming.chosen.label for naming in namings] == ["red", "green"] * 6


def test_a_label_is_as_near_as_its_nearest_text() -> None:
    labels = Vocabulary.of("custom", [Label("warm", ("red",), ("blue",)), Label("green")])
    vectors = VocabularyEncoder(ByteBudgetCache(1_000_000)).of(labels, ColorEncoder())
    images = ColorEncoder().encode_images([np.full((2, 2, 3), (0, 0, 255), np.uint8)])
    similarities = vectors.similarities(images)
    assert similarities.shape == (1, 2)
    assert similarities[0, 0] == pytest.approx(1.0, abs=1e-4)


class RegionColorEncoder(ColorEncoder):
    """Also reads the mean colour under a mask out of the whole photograph."""

    def __init__(self) -> None:
        super().__init__()
        self.forwards: list[int] = []

    def encode_regions(self, rgb: Rgb, masks: Sequence[Mask]) -> Floats:
        self.forwards.append(len(masks))
        return super().encode_images([_under(rgb, mask) for mask in masks])


def _under(rgb: Rgb, mask: Mask) -> Rgb:
    rows, columns = (
        (np.arange(small) * full) // small for small, full in zip(mask.shape, rgb.shape, strict=False)
    )
    return rgb[np.ix_(rows, columns)][mask][None]


def test_attention_reads_all_regions_by_one_forward() -> None:
    encoder, texts = RegionColorEncoder(), VocabularyEncoder(ByteBudgetCache(1_000_000))
    rgb = np.zeros((1000, 2000, 3), np.uint8)
    rgb[:, :1000, 0] = 255
    rgb[:, 1000:, 1] = 255
    regions = [region(900, 10, 50, 400, (1000, 2000)), region(1100, 10, 1, 900, (1000, 2000))] * 15
    steps = []
    progress = Progress(lambda stage, done, total, _: steps.append((stage, done, total)))
    namings = name_regions(rgb, regions, encoder, texts, LabelOptions(COLORS, "attention"), POOL, progress)
    assert [naming.chosen.label for naming in namings] == ["red", "green"] * 15
    assert encoder.forwards == [30]
    assert steps == [("classify", 30, 30)]


def test_attention_over_no_regions_is_no_forward() -> None:
    encoder, texts = RegionColorEncoder(), VocabularyEncoder(ByteBudgetCache(1_000_000))
    rgb = np.zeros((10, 20, 3), np.uint8)
    assert name_regions(rgb, [], encoder, texts, LabelOptions(COLORS, "attention"), POOL, Progress()) == []
    assert encoder.forwards == []


def test_a_view_the_encoder_has_not_is_refused_and_the_others_named() -> None:
    encoder, texts = ColorEncoder(), VocabularyEncoder(ByteBudgetCache(1_000_000))
    rgb = np.zeros((10, 20, 3), np.uint8)
    with pytest.raises(InvalidRequest, match="fake-colors offers crop, context, blur") as caught:
        name_regions(rgb, [], encoder, texts, LabelOptions(COLORS, "attention"), POOL, Progress())
    assert caught.value.details == {"views": ["crop", "context", "blur"]}
