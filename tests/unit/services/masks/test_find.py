"""Tests of services/masks/find.py with several prompts."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pytest

import bootstrap
from config.settings import Settings
from domain.arrays import Rgb
from domain.errors import InvalidRequest
from domain.masks import Candidates, Embedding, FoundMasks, Prompt, PromptList
from services.images.photo import Photo
from services.labels.confidence import UNLABELLED, LabelOptions
from services.masks.options import MaskOptions
from services.progress import Progress
from services.segment import SegmentOptions
from services.vocabularies.parse import vocabulary_from_list
from tests.conftest import lazy
from tests.fakes import ColorEncoder, DiscSegmenter, SlopeEstimator, StripeReader

HEIGHT, WIDTH = 96, 160


class SometimesEmpty(DiscSegmenter):
    """Answers prompts in the left tenth of the image with empty masks."""

    def decode(
        self, embedding: Embedding, prompts: Sequence[Prompt], quality_threshold: float = 0.0
    ) -> Candidates:
        found = super().decode(embedding, prompts, quality_threshold)
        logits = found.logits.copy()
        empty = [prompt.box is None and prompt.points[0, 0] < 16 for prompt in prompts]
        logits[np.repeat(empty, 3)] = -1
        return Candidates(logits, found.prompt_index, found.quality, found.stability)


def box(*corners: float) -> Prompt:
    return Prompt(np.empty((0, 2)), np.empty(0, np.int64), np.array(corners, np.float64))


PROMPTS = (
    *(Prompt.point(x, y) for x, y in product((20.0, 70.5, 140.0), (10.0, 60.0))),
    box(10, 20, 90, 80),
    box(10, 20, 90, 80),
    Prompt(np.array([[50.0, 50.0], [80.0, 50.0]]), np.array([1, 0]), np.array([30.0, 30.0, 90.0, 90.0])),
)


def _services(settings: Settings, segmenter: DiscSegmenter) -> bootstrap.Services:
    models = bootstrap.Models(
        segmenter=lazy(segmenter),
        labeller=lazy(ColorEncoder()),
        text=lazy(StripeReader()),
        depth=lazy(SlopeEstimator()),
    )
    return bootstrap.join_services(settings, models)


def _photo() -> Photo:
    rgb: Rgb = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    return Photo.of(rgb, "noise")


def _find(services: bootstrap.Services, prompt: Prompt | PromptList, **options: Any) -> FoundMasks:
    found = services.segment.segment(
        _photo(),
        SegmentOptions(
            MaskOptions(prompt, 1, **options), LabelOptions(vocabulary_from_list(["red", "green"]))
        ),
        Progress(),
    )
    assert len(found.labels.per_region) == len(found.regions)
    assert found.overlay is not None
    return found.found


@pytest.mark.parametrize("clean", [True, False])
def test_several_prompts_equal_single_ones_in_order(settings: Settings, clean: bool) -> None:
    services = _services(settings, DiscSegmenter())
    several = _find(services, PromptList(PROMPTS * 3), clean=clean)
    single = [_find(services, prompt, clean=clean).regions for prompt in PROMPTS]
    assert list(several.regions) == [region for (region,) in single] * 3


def test_the_photograph_is_encoded_once_and_prompts_are_decoded_in_batches(settings: Settings) -> None:
    segmenter = DiscSegmenter()
    _find(_services(settings, segmenter), PromptList(PROMPTS * 5))
    assert segmenter.encoded == 1
    assert segmenter.batches == [16, 16, 13]


def test_a_prompt_without_a_mask_has_an_empty_region_without_a_label(settings: Settings) -> None:
    services = _services(settings, SometimesEmpty())
    prompts = PromptList((PROMPTS[0], Prompt.point(3, 3), PROMPTS[1], Prompt.point(5, 90)))
    options = SegmentOptions(MaskOptions(prompts, 1), LabelOptions(vocabulary_from_list(["red", "green"])))
    result = services.segment.segment(_photo(), options, Progress())
    assert [region.area > 0 for region in result.regions] == [True, False, True, False]
    assert result.regions[1].xywh == (0, 0, 0, 0)
    unlabelled = [prediction is UNLABELLED for prediction in result.labels.per_region]
    assert unlabelled == [False, True, False, True]


def test_a_prompt_outside_is_named_by_its_index(settings: Settings) -> None:
    prompts = PromptList((PROMPTS[0], box(0, 0, WIDTH + 1, 10)))
    with pytest.raises(InvalidRequest, match=r"^prompts\.1\.box: expected 0 <= x0") as refused:
        _find(_services(settings, DiscSegmenter()), prompts)
    assert refused.value.details["prompt_index"] == 1


def test_a_list_needs_a_prompt() -> None:
    with pytest.raises(ValueError, match="at least one prompt"):
        PromptList(())
