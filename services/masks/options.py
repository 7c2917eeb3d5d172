"""Options of the search for masks, as a caller sets them and with every default filled in.

They correspond to those of SAM's automatic mask generator (`SamAutomaticMaskGenerator`,
`SAM2AutomaticMaskGenerator`) as follows: `points_per_side` is the same, `quality_threshold` is its
`pred_iou_thresh`, `stability_threshold` its `stability_score_thresh`, `clean` has the purpose of its
`min_mask_region_area`, and `deduplication="box"` is its NMS by `box_nms_thresh`.
"""

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal, Self

from domain.masks import Prompt, PromptList
from domain.models import SegmenterDefaults
from services.masks.filter import CandidateFilter
from services.masks.refine import RefineOptions

Deduplication = Literal["mask", "box", "none"]
"""Method that removes duplicates: NMS by mask IoU and containment, NMS by box IoU as in SAM, or none."""

DEFAULT_MAX_MASKS = 64
"""Largest number of regions of a grid where the caller sets none."""

DEFAULT_MIN_AREA_FRACTION = 0.0005
"""Least area of a region of a grid as a fraction of the image, where the caller sets none."""

DEFAULT_MAX_AREA_FRACTION = 0.95
"""Largest area of a region of a grid, as a fraction of the image; a larger one is the image itself."""

LOW_RESOLUTION_MIN_AREA_FACTOR = 0.8
"""Factor on `min_area` at low resolution, where areas are rounded; the exact limit is for full size."""

LOW_RESOLUTION_MAX_AREA_MARGIN = 2 / 256
"""Margin on `max_area` at low resolution: the error of an area fraction relative to its square root."""


@dataclass(frozen=True)
class PointGrid:
    """A regular grid of point prompts over the whole image.

    Attributes:
        points_per_side: Number of points along each side of the image.
        adaptive: Whether points inside masks that were found already are skipped.
        deduplication: Method that removes duplicate masks.
    """

    points_per_side: int = 16
    adaptive: bool = True
    deduplication: Deduplication = "mask"


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
    least, most = LOW_RESOLUTION_MIN_AREA_FACTOR * min_area / pixels, max_area / pixels
    candidate_filter = CandidateFilter(
        quality, stability, least, most + LOW_RESOLUTION_MAX_AREA_MARGIN * math.sqrt(most), allow_duplicates
    )
    return candidate_filter, RefineOptions(min_area, max_area, options.clean)
