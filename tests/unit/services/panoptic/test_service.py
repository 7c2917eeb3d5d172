"""The service over fake models."""

from dataclasses import replace

import numpy as np
import pytest

import bootstrap
from config.settings import Settings
from domain.errors import InvalidRequest, ModelUnavailable
from domain.masks import Prompt
from services.images.photo import Photo
from services.labels.confidence import LabelOptions
from services.masks.formats import decode_rle
from services.masks.options import MaskOptions, PointGrid
from services.panoptic.service import PanopticService
from services.progress import Progress
from services.segment import SegmentOptions
from services.vocabularies.parse import vocabulary_from_list
from tests.conftest import lazy
from tests.fakes import ColorEncoder, DiscSegmenter, SlopeEstimator, StripeReader

OPTIONS = SegmentOptions(MaskOptions(PointGrid(8), 64), LabelOptions(vocabulary_from_list(["red", "green"])))


def service(settings: Settings, labeller: Exception | None = None) -> PanopticService:
    models = bootstrap.Models(
        segmenter=lazy(DiscSegmenter()),
        labeller=lazy(ColorEncoder(), labeller),
        text=lazy(StripeReader()),
        depth=lazy(SlopeEstimator()),
    )
    return bootstrap.join_services(settings, models).panoptic


def photo() -> Photo:
    rgb = np.zeros((96, 160, 3), np.uint8)
    rgb[:, :80, 0] = 255
    rgb[:, 80:, 1] = 255
    return Photo.of(rgb, "halves")


def test_ids_agree_with_the_regions_and_their_labels(settings: Settings) -> None:
    result = service(settings).segment(photo(), OPTIONS, Progress())
    regions, labels = result.segment.regions, result.segment.labels
    assert len(regions) == len(labels.per_region) == len(result.is_thing) > 1
    assert {prediction.chosen.label for prediction in labels.per_region} == {"red", "green"}
    for index, region in enumerate(regions):
        assert np.array_equal(decode_rle(region.rle), result.ids == index + 1)
    assert result.segment.overlay is not None
    assert labels.labeller == ColorEncoder.info


def test_other_labels_of_the_same_image_are_drawn_anew(settings: Settings) -> None:
    panoptic = service(settings)
    sure = replace(OPTIONS, labels=LabelOptions(vocabulary_from_list(["red", "green"]), top_k=2))
    first = panoptic.segment(photo(), OPTIONS, Progress())
    assert panoptic.segment(photo(), sure, Progress()).segment.overlay == first.segment.overlay
    blue = replace(OPTIONS, labels=LabelOptions(vocabulary_from_list(["blue"])))
    assert not panoptic.segment(photo(), blue, Progress()).ids.any()


def test_an_image_without_regions_is_unexplained(settings: Settings) -> None:
    nothing = replace(OPTIONS, masks=replace(OPTIONS.masks, quality_threshold=1.0))
    result = service(settings).segment(photo(), nothing, Progress())
    assert result.segment.regions == ()
    assert result.ids.shape == (96, 160)
    assert not result.ids.any()


def test_a_grid_and_labels_are_needed(settings: Settings) -> None:
    click = replace(OPTIONS, masks=MaskOptions(Prompt.point(5, 5), 1))
    for options in (click, replace(OPTIONS, labels=None)):
        with pytest.raises(InvalidRequest, match="a grid and labels"):
            service(settings).segment(photo(), options, Progress())
    with pytest.raises(ModelUnavailable):
        service(settings, ModelUnavailable("no labeller")).segment(photo(), OPTIONS, Progress())
