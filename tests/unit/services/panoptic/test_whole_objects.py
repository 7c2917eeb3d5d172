"""Whole objects of /segment's service, over fake models."""

from dataclasses import replace

import numpy as np
import pytest

import bootstrap
from config.settings import Settings
from domain.errors import ModelUnavailable
from domain.masks import Prompt
from services.images.photo import Photo
from services.labels.confidence import LabelOptions
from services.masks.formats import decode_rle
from services.masks.options import MaskOptions, PointGrid
from services.progress import Progress
from services.segment import SegmentOptions, SegmentService
from services.vocabularies.parse import vocabulary_from_list
from tests.conftest import lazy
from tests.fakes import ColorEncoder, DiscSegmenter, SlopeEstimator, StripeReader

OPTIONS = SegmentOptions(
    MaskOptions(PointGrid(8), 64), LabelOptions(vocabulary_from_list(["red", "green"])), panoptic=True
)


def service(settings: Settings, labeller: Exception | None = None) -> SegmentService:
    models = bootstrap.Models(
        segmenter=lazy(DiscSegmenter()),
        labeller=lazy(ColorEncoder(), labeller),
        text=lazy(StripeReader()),
        depth=lazy(SlopeEstimator()),
    )
    return bootstrap.join_services(settings, models).segment


def photo() -> Photo:
    rgb = np.zeros((96, 160, 3), np.uint8)
    rgb[:, :80, 0] = 255
    rgb[:, 80:, 1] = 255
    return Photo.of(rgb, "halves")


def test_ids_agree_with_the_regions_and_their_labels(settings: Settings) -> None:
    result = service(settings).segment(photo(), OPTIONS, Progress())
    assert result.panoptic is not None
    assert len(result.regions) == len(result.labels.per_region) == len(result.panoptic.is_thing) > 1
    assert {prediction.chosen.label for prediction in result.labels.per_region} == {"red", "green"}
    for index, region in enumerate(result.regions):
        assert np.array_equal(decode_rle(region.rle), result.panoptic.ids == index + 1)
    assert result.overlay is not None
    assert result.labels.labeller == ColorEncoder.info


def test_other_labels_of_the_same_image_are_drawn_anew(settings: Settings) -> None:
    segment = service(settings)
    sure = replace(OPTIONS, labels=LabelOptions(vocabulary_from_list(["red", "green"]), top_k=2))
    first = segment.segment(photo(), OPTIONS, Progress())
    assert segment.segment(photo(), sure, Progress()).overlay == first.overlay
    blue = replace(OPTIONS, labels=LabelOptions(vocabulary_from_list(["blue"])))
    assert segment.segment(photo(), blue, Progress()).regions == ()


def test_an_image_without_regions_is_unexplained(settings: Settings) -> None:
    nothing = replace(OPTIONS, masks=replace(OPTIONS.masks, quality_threshold=1.0))
    result = service(settings).segment(photo(), nothing, Progress())
    assert result.regions == ()
    assert result.panoptic is not None
    assert result.panoptic.ids.shape == (96, 160)
    assert not result.panoptic.ids.any()


def test_a_grid_labels_and_a_labeller_are_needed(settings: Settings) -> None:
    with pytest.raises(ValueError, match="a grid and labels"):
        replace(OPTIONS, masks=MaskOptions(Prompt.point(5, 5), 1))
    with pytest.raises(ValueError, match="a grid and labels"):
        replace(OPTIONS, labels=None)
    with pytest.raises(ModelUnavailable):
        service(settings, ModelUnavailable("no labeller")).segment(photo(), OPTIONS, Progress())
