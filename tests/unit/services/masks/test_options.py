"""Tests of services/masks/options.py."""

from domain.masks import Prompt
from domain.models import SegmenterDefaults
from services.masks.options import (
    CropLayers,
    MaskOptions,
    PointGrid,
    ResolvedMaskOptions,
    default_max_masks,
)

DEFAULTS = SegmenterDefaults(quality_threshold=0.8, stability_threshold=0.9, prompts_per_batch=64)
PIXELS = 100_000


def resolve(options: MaskOptions) -> ResolvedMaskOptions:
    return ResolvedMaskOptions.of(options, DEFAULTS, PIXELS)


def test_a_grid_has_the_thresholds_of_the_segmenter() -> None:
    found = resolve(MaskOptions(PointGrid(), 64))
    assert (found.candidate_filter.quality, found.candidate_filter.stability) == (0.8, 0.9)
    assert (found.refine_options.min_area, found.refine_options.max_area) == (50, 95_000)
    assert not found.candidate_filter.allow_duplicates


def test_one_prompt_has_no_thresholds() -> None:
    found = resolve(MaskOptions(Prompt.point(1, 2), 1))
    assert (found.candidate_filter.quality, found.candidate_filter.stability) == (0.0, 0.0)
    assert (found.refine_options.min_area, found.refine_options.max_area) == (1, PIXELS)
    assert found.candidate_filter.allow_duplicates


def test_what_the_caller_sets_is_used_and_areas_have_a_margin_at_low_resolution() -> None:
    found = resolve(MaskOptions(PointGrid(), 64, 0.1, 0.2, min_area=1_000, max_area=10_000))
    assert (found.candidate_filter.quality, found.candidate_filter.stability) == (0.1, 0.2)
    assert (found.refine_options.min_area, found.refine_options.max_area) == (1_000, 10_000)
    assert found.candidate_filter.area < 1_000 / PIXELS
    assert found.candidate_filter.max_area > 10_000 / PIXELS


def test_options_that_find_the_same_masks_have_one_key() -> None:
    written_out = MaskOptions(PointGrid(), 64, 0.8, 0.9, min_area=50, max_area=95_000)
    assert resolve(written_out).key == resolve(MaskOptions(PointGrid(), 64)).key
    assert resolve(MaskOptions(PointGrid(8), 64)).key != resolve(MaskOptions(PointGrid(), 64)).key
    assert resolve(MaskOptions(Prompt.point(1, 2), 1)).key == resolve(MaskOptions(Prompt.point(1, 2), 1)).key


def test_areas_in_a_crop_are_limited_as_in_the_whole_image() -> None:
    whole = resolve(MaskOptions(PointGrid(), 64))
    crop = whole.in_crop(PIXELS // 4)
    assert crop.refine_options == whole.refine_options
    assert crop.candidate_filter.area == 4 * whole.candidate_filter.area
    assert crop.candidate_filter.max_area > 3
    assert whole.in_crop(PIXELS) == whole


def test_more_layers_of_crops_have_more_regions_and_another_key() -> None:
    assert [default_max_masks(CropLayers(layers)) for layers in range(3)] == [64, 256, 1000]
    keys = {resolve(MaskOptions(PointGrid(crops=CropLayers(layers)), 64)).key for layers in range(3)}
    assert len(keys) == 3
