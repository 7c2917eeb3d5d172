"""Regions are encoded in batches, in the view that was asked for."""

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
from services.labels.confidence import LabelOptions, label_regions
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
    image_vectors = encode_region_views(rgb, regions, encoder, view, pool, progress)
    return label_regions(image_vectors, encoder, texts, options, progress.check)


def region(x: int, y: int, w: int, h: int, shape: tuple[int, int] = (100, 200)) -> Region:
    mask = np.zeros(shape, np.bool_)
    mask[y : y + h, x : x + w] = True
    return Region(encode_rle(mask), (x, y, w, h), w * h, 0.5, 0.5)


class SceneColors(ColorEncoder):
    """Encodes every crop as the colour of its image."""

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
    predictions = name_regions(rgb, regions, encoder, texts, LabelOptions(COLORS), POOL, Progress())
    assert [prediction.chosen.label for prediction in predictions] == ["green"] * count
    assert encoder.scenes == scenes


def test_a_region_can_be_shown_with_its_surroundings_blurred_and_as_it_is() -> None:
    encoder, texts = SceneColors(), VocabularyEncoder(ByteBudgetCache(1_000_000))
    rgb = np.zeros((100, 200, 3), np.uint8)
    rgb[..., 1], rgb[40:60, 90:110] = 255, (255, 0, 0)
    regions = [region(90, 40, 20, 20)] * 3
    predictions = name_regions(rgb, regions, encoder, texts, LabelOptions(COLORS, "twice"), POOL, Progress())
    assert [prediction.chosen.label for prediction in predictions] == ["red"] * 3
    assert encoder.batches == [1, 3, 3]


def test_regions_go_through_in_batches_and_texts_once() -> None:
    encoder, texts = ColorEncoder(), VocabularyEncoder(ByteBudgetCache(1_000_000))
    rgb = np.zeros((100, 200, 3), np.uint8)
    rgb[..., 0] = 255
    rgb[80:, 100:] = 0
    regions = [region(index, 0, 10, 10) for index in range(26)]
    steps = []
    for _ in range(2):
        progress = Progress(lambda stage, done, total, _: steps.append((stage, done, total)))
        predictions = name_regions(rgb, regions, encoder, texts, LabelOptions(COLORS), POOL, progress)
        assert {prediction.chosen.label for prediction in predictions} == {"red"}
    assert encoder.batches == [10, 10, 6] * 2
    assert encoder.texts == ["red", "green"]
    assert steps[:3] == [("classify", 10, 26), ("classify", 20, 26), ("classify", 26, 26)]


def test_an_encoder_that_takes_one_core_image_vectors_at_several_regions_at_once() -> None:
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
    predictions = name_regions(rgb, regions, Paired(), texts, LabelOptions(COLORS), POOL, Progress())
    assert [prediction.chosen.label for prediction in predictions] == ["red", "green"] * 6


class RegionColorEncoder(ColorEncoder):
    """Also encodes the mean colour of the image under a mask."""

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
    predictions = name_regions(
        rgb, regions, encoder, texts, LabelOptions(COLORS, "attention"), POOL, progress
    )
    assert [prediction.chosen.label for prediction in predictions] == ["red", "green"] * 15
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
