"""What one request found out is used by the others: right when options differ, and with many threads."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

import bootstrap
from config.settings import Settings
from domain.arrays import Rgb
from domain.depth import DepthMap
from domain.masks import Prompt
from domain.text import DetectedLines
from services.analyze.service import AnalyzeOptions
from services.images.photo import Photo
from services.labels.confidence import LabelOptions
from services.labels.service import RegionLabels
from services.masks.options import MaskOptions, PointGrid
from services.progress import Progress
from services.segment import SegmentOptions
from services.text.service import TextOptions
from services.vocabularies.parse import vocabulary_from_list
from tests.conftest import lazy
from tests.fakes import ColorEncoder, DiscSegmenter, SlopeEstimator, StripeReader


class CountingReader(StripeReader):
    """Counts searched pages."""

    def __init__(self) -> None:
        self.pages = 0

    def detect(self, rgb: Rgb, listener: Callable[[int, int], None]) -> DetectedLines:
        self.pages += 1
        return super().detect(rgb, listener)


class CountingEstimator(SlopeEstimator):
    """Counts estimated maps."""

    def __init__(self) -> None:
        self.maps = 0

    def estimate(self, rgb: Rgb) -> DepthMap:
        self.maps += 1
        return super().estimate(rgb)


@dataclass(frozen=True)
class Work:
    """Services over models that count."""

    services: bootstrap.Services
    segmenter: DiscSegmenter = field(default_factory=DiscSegmenter)

    def counts(self) -> list[int]:
        models = [model.get() for model in self.services.models.by_job().values()]
        segmenter, labeller, reader, estimator = models
        return [
            segmenter.encoded,
            len(segmenter.batches),
            sum(labeller.batches),
            reader.pages,
            estimator.maps,
        ]


@pytest.fixture
def make(settings: Settings) -> Callable[..., Work]:
    def made(**changed: Any) -> Work:
        models = bootstrap.Models(
            segmenter=lazy(DiscSegmenter()),
            labeller=lazy(ColorEncoder()),
            text=lazy(CountingReader()),
            depth=lazy(CountingEstimator()),
        )
        return Work(bootstrap.join_services(settings.model_copy(update=changed), models))

    return made


@pytest.fixture
def work(make: Callable[..., Work]) -> Work:
    return make()


def picture() -> Rgb:
    """96 x 160: red and green halves, a black stripe that ends grey on white."""
    rgb = np.full((96, 160, 3), 255, np.uint8)
    rgb[40:, :80] = 255, 0, 0
    rgb[40:, 80:] = 0, 255, 0
    rgb[10:20, 20:120] = 0
    rgb[10:20, 100:120] = 128
    return rgb


class Looked(Photo):
    """A photograph that must not be decoded."""

    def __init__(self, key: str = "a") -> None:
        super().__init__(key, 160, 96, self._never)

    @staticmethod
    def _never() -> Rgb:
        raise AssertionError("decoded")


GRID = MaskOptions(PointGrid(8), 64)
NAMES = LabelOptions(vocabulary_from_list(["red", "green"]))
SEGMENT = SegmentOptions(GRID, NAMES)
SCENE = AnalyzeOptions(SEGMENT)


def test_after_an_analysis_nothing_else_costs_anything(work: Work) -> None:
    analysis = work.services.analyze.analyze(Photo.of(picture(), "a"), SCENE, Progress())
    before = work.counts()
    assert all(before)
    photo, services = Looked(), work.services
    assert services.segment.segment(photo, SEGMENT, Progress()) == analysis.segment
    assert services.depth.estimate(photo, Progress()).depth is analysis.depth.depth  # type: ignore[union-attr]
    assert services.text.read(photo, TextOptions(), Progress()) == analysis.text
    without_pixels = AnalyzeOptions(SEGMENT, colors=False)
    assert services.analyze.analyze(photo, without_pixels, Progress()).parents == analysis.parents
    assert work.counts() == before


def test_the_stages_of_an_analysis_use_what_was_there_before(work: Work) -> None:
    services, photo = work.services, Photo.of(picture(), "a")
    services.segment.segment(photo, SEGMENT, Progress())
    services.depth.estimate(photo, Progress())
    services.text.read(photo, TextOptions(), Progress())
    before = work.counts()
    services.analyze.analyze(photo, SCENE, Progress())
    whole_picture = 1
    assert np.subtract(work.counts(), before).tolist() == [0, 0, whole_picture, 0, 0]


def test_other_names_cost_only_their_texts(work: Work) -> None:
    services = work.services
    first = services.segment.segment(Photo.of(picture(), "a"), SEGMENT, Progress())
    before = work.counts()
    others = LabelOptions(vocabulary_from_list(["blue", "green"]), top_k=2, confidence_threshold=0.2)
    second = services.segment.segment(Looked(), SegmentOptions(GRID, others, overlay=False), Progress())
    assert second.regions == first.regions
    assert _labels(second.labels) != _labels(first.labels)
    assert work.counts() == before
    assert services.models.labeller.get().texts == ["red", "green", "blue"]


def test_defaults_that_are_written_out_are_the_same_options(work: Work) -> None:
    services = work.services
    first = services.finder.find(Photo.of(picture(), "a"), GRID, Progress())
    written = MaskOptions(PointGrid(8), 64, 0.2, 0.2, min_area=8, max_area=int(0.95 * (96 * 160)))
    assert services.finder.find(Looked(), written, Progress()) is first


def test_another_photograph_is_another_matter(work: Work) -> None:
    services = work.services
    first = services.segment.segment(Photo.of(picture(), "a"), SEGMENT, Progress())
    second = services.segment.segment(Photo.of(picture()[:, ::-1].copy(), "b"), SEGMENT, Progress())
    assert _labels(second.labels) != _labels(first.labels)
    assert work.counts()[0] == 2


def _labels(labels: RegionLabels) -> list[tuple[str, float]]:
    return [(prediction.chosen.label, prediction.chosen.confidence) for prediction in labels.per_region]


def _cases() -> Iterator[AnalyzeOptions]:
    """Options that differ in one thing each."""
    prompts = [
        GRID,
        MaskOptions(PointGrid(8), 3),
        MaskOptions(PointGrid(6), 64),
        MaskOptions(PointGrid(8), 64, min_area=900),
    ]
    prompts += [MaskOptions(Prompt.point(40.0, 60.0), 3), MaskOptions(Prompt.point(40.0, 60.0 + 1e-9), 1)]
    for masks in prompts:
        for labels in (("red",), ("red", "green"), ("green", "blue")):
            yield AnalyzeOptions(
                SegmentOptions(masks, LabelOptions(vocabulary_from_list(labels), top_k=len(labels))),
                text=TextOptions(0.2 if len(labels) == 1 else 0.7),
            )
        yield AnalyzeOptions(SegmentOptions(masks, None, overlay=False), depth=False, text=None)


def _comparable(result: Any) -> Any:
    depth = result.depth and result.depth.depth.values.tobytes()
    return result.segment, result.facts, result.ranks, result.image, result.text, depth


@pytest.mark.parametrize("budget", [1 << 26, 40_000])
def test_eight_threads_with_mixed_options_get_what_each_alone_would(
    make: Callable[..., Work], budget: int
) -> None:
    none = {"result_cache_bytes": 0, "embedding_cache_bytes": 0, "depth_cache_bytes": 0}
    photos = {"a": picture(), "b": picture()[..., ::-1].copy()}
    cases = [(key, options) for key in photos for options in _cases()]

    def analyze(work: Work, case: tuple[str, AnalyzeOptions]) -> Any:
        key, options = case
        result = work.services.analyze.analyze(Photo.of(photos[key], key), options, Progress())
        return _comparable(result)

    alone = [analyze(make(**none), case) for case in cases]
    shared = make(result_cache_bytes=budget)
    order = [*range(len(cases))] * 2
    random.Random(0).shuffle(order)
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda index: analyze(shared, cases[index]), order))
    assert all(found == alone[index] for found, index in zip(together, order, strict=True))
    assert shared.services.caches["results"].nbytes <= budget
    encoded, *_, pages, maps = shared.counts()
    assert encoded == maps == len(photos)
    assert pages == len(photos) or budget < 1 << 26


def test_what_broke_off_is_not_kept(work: Work) -> None:
    class Cancelled(Exception):
        pass

    def check() -> None:
        if work.counts()[0]:
            raise Cancelled

    photo = Photo.of(picture(), "a")
    with pytest.raises(Cancelled):
        work.services.analyze.analyze(photo, SCENE, Progress(check=check))
    assert work.services.analyze.analyze(photo, SCENE, Progress()).segment.regions


def test_time_is_told_of_what_was_done_only(work: Work) -> None:
    first, second = Progress(), Progress()
    work.services.analyze.analyze(Photo.of(picture(), "a"), SCENE, first)
    work.services.segment.segment(Looked(), SEGMENT, second)
    done = {"load", "encode", "decode", "refine", "classify", "overlay", "depth", "detect", "read", "join"}
    assert done <= set(first.timings_ms)
    assert set(second.timings_ms) == {"classify", "total"}
