"""Options of the search for masks, as a caller sets them and with every default filled in.

They correspond to those of SAM's automatic mask generator (`SamAutomaticMaskGenerator`,
`SAM2AutomaticMaskGenerator`) as follows: `points_per_side` is the same, `quality_threshold` is its
`pred_iou_thresh`, `stability_threshold` its `stability_score_thresh`, `clean` has the purpose of its
`min_mask_region_area`, and `deduplication="box"` is its NMS by `box_nms_thresh`. `CropLayers` has its
`crop_n_layers`, `crop_overlap_ratio` and `crop_n_points_downscale_factor`.
"""

import math
from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Literal, Self

from domain.masks import Prompt, PromptList
from domain.models import SegmenterDefaults
from services.masks.filter import CandidateFilter
from services.masks.refine import RefineOptions

Deduplication = Literal["mask", "box", "none"]
"""Method that removes duplicates: NMS by mask IoU and containment, NMS by box IoU as in SAM, or none."""

DEFAULT_MAX_MASKS = 64
"""Largest number of regions of a grid where the caller sets none."""

MOST_MASKS = 1000
"""Largest number of regions that a caller may set."""

DEFAULT_MIN_AREA_FRACTION = 0.0005
"""Least area of a region of a grid as a fraction of the image, where the caller sets none."""

DEFAULT_MAX_AREA_FRACTION = 0.95
"""Largest area of a region of a grid, as a fraction of the image; a larger one is the image itself."""

LOW_RESOLUTION_MIN_AREA_FACTOR = 0.8
"""Factor on `min_area` at low resolution, where areas are rounded; the exact limit is for full size."""

LOW_RESOLUTION_MAX_AREA_MARGIN = 2 / 256
"""Margin on `max_area` at low resolution: the error of an area fraction relative to its square root."""


@dataclass(frozen=True)
class CropLayers:
    """Layers of crops in which a grid searches again, because a crop shows more detail than the whole image.

    Attributes:
        layers: Number of layers; layer i has (2 ** i) ** 2 crops, and 0 searches the whole image alone.
        overlap: Overlap of the crops of layer 1 as a fraction of the image's shorter side; each further layer
            has half of it.
        points_downscale: Factor by which each layer has fewer points along each side of a crop.
    """

    layers: int = 0
    overlap: float = 512 / 1500
    points_downscale: int = 1


@dataclass(frozen=True)
class PointGrid:
    """A regular grid of point prompts over the whole image.

    Attributes:
        points_per_side: Number of points along each side of the image.
        adaptive: Whether points inside masks that were found already are skipped.
        deduplication: Method that removes duplicate masks.
        crops: Layers of crops that have a grid of their own.
    """

    points_per_side: int = 16
    adaptive: bool = True
    deduplication: Deduplication = "mask"
    crops: CropLayers = CropLayers()


def default_max_masks(crops: CropLayers) -> int:
    """Return the largest number of regions of a grid where the caller sets none: the more, the more crops."""
    return min(DEFAULT_MAX_MASKS << 2 * crops.layers, MOST_MASKS)


@dataclass(frozen=True)
class MaskOptions:
    """Options of the search for masks, as a caller sets them.

    Attributes:
        prompt: A grid, one prompt, or several prompts, each of which gets one region.
        max_masks: Largest number of regions; for several prompts, of each prompt.
        quality_threshold: Least predicted IoU, 0..1 (SAM's `pred_iou_thresh`). None is the segmenter's own
            threshold for a grid, and no threshold for one prompt.
        stability_threshold: Least stability score, 0..1 (SAM's `stability_score_thresh`). None has the
            same meaning.
        min_area: Least area in pixels. None is DEFAULT_MIN_AREA_FRACTION of the image for a grid, and one
            pixel for one prompt.
        max_area: Largest area in pixels. None is DEFAULT_MAX_AREA_FRACTION of the image for a grid, and the
            whole image for one prompt.
        clean: Whether specks and holes are removed.
    """

    prompt: PointGrid | Prompt | PromptList
    max_masks: int
    quality_threshold: float | None = None
    stability_threshold: float | None = None
    min_area: int | None = None
    max_area: int | None = None
    clean: bool = True


@dataclass(frozen=True)
class ResolvedMaskOptions:
    """Options with every default filled in for one segmenter and one size of image.

    Attributes:
        prompt: A grid, one prompt, or several prompts.
        max_masks: Largest number of regions.
        candidate_filter: Thresholds on candidates at the decoder's resolution.
        refine_options: Limits and cleaning of masks at full size.
    """

    prompt: PointGrid | Prompt | PromptList
    max_masks: int
    candidate_filter: CandidateFilter
    refine_options: RefineOptions

    @property
    def key(self) -> Hashable:
        """Cache key, equal for options that find the same masks."""
        prompt_key = self.prompt if isinstance(self.prompt, PointGrid) else self.prompt.key
        return prompt_key, self.max_masks, self.candidate_filter, self.refine_options

    @classmethod
    def of(cls, options: MaskOptions, defaults: SegmenterDefaults, pixels: int) -> Self:
        """Resolve the options for an image of `pixels` pixels."""
        candidate_filter, refine_options = _resolve_limits(options, defaults, pixels)
        return cls(options.prompt, options.max_masks, candidate_filter, refine_options)

    def in_crop(self, pixels: int) -> Self:
        """Return the options for a crop of `pixels` pixels; areas are limited as in the whole image."""
        least, most = _low_resolution_limits(self.refine_options, pixels)
        return replace(self, candidate_filter=replace(self.candidate_filter, area=least, max_area=most))


def _resolve_limits(
    options: MaskOptions, defaults: SegmenterDefaults, pixels: int
) -> tuple[CandidateFilter, RefineOptions]:
    """Return the limits on candidates at low resolution and on regions at full size."""
    quality = stability = 0.0
    min_area, max_area, allow_duplicates = 1, pixels, True
    if isinstance(options.prompt, PointGrid):
        quality, stability = defaults.quality_threshold, defaults.stability_threshold
        min_area = math.ceil(DEFAULT_MIN_AREA_FRACTION * pixels)
        max_area = int(DEFAULT_MAX_AREA_FRACTION * pixels)
        allow_duplicates = options.prompt.deduplication == "none"
    quality = quality if options.quality_threshold is None else options.quality_threshold
    stability = stability if options.stability_threshold is None else options.stability_threshold
    min_area = min_area if options.min_area is None else options.min_area
    max_area = max_area if options.max_area is None else options.max_area
    refine_options = RefineOptions(min_area, max_area, options.clean)
    limits = _low_resolution_limits(refine_options, pixels)
    return CandidateFilter(quality, stability, *limits, allow_duplicates), refine_options


def _low_resolution_limits(refine_options: RefineOptions, pixels: int) -> tuple[float, float]:
    """Return the least and the largest area of candidates as fractions of `pixels` pixels."""
    most = refine_options.max_area / pixels
    least = LOW_RESOLUTION_MIN_AREA_FACTOR * refine_options.min_area / pixels
    return least, most + LOW_RESOLUTION_MAX_AREA_MARGIN * math.sqrt(most)
