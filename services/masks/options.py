"""What a caller may ask of a segmentation, checked and complete."""

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal, Self

from domain.masks import Prompt
from domain.models import SegmenterDefaults
from services.masks.filter import CandidateFilter
from services.masks.refine import RefineOptions

Deduplication = Literal["mask", "box", "none"]
"""How repeated masks of a grid are found: by mask IoU and containment, as SAM does by box IoU, or not."""

DEFAULT_MAX_MASKS = 64
"""How many regions of a grid are answered where nobody says how many."""


@dataclass(frozen=True)
class PointGrid:
    """Prompt with a regular grid of points.

    Attributes:
        points_per_side: Points along each side of the image.
        adaptive: Whether points that good masks explain already are skipped.
        deduplication: How repeated masks are found.
    """

    points_per_side: int = 16
    adaptive: bool = True
    deduplication: Deduplication = "mask"


@dataclass(frozen=True)
class MaskOptions:
    """Which masks are wanted.

    Attributes:
        prompt: A grid, or one prompt.
        max_masks: At most this many.
        quality_threshold: Least quality; None: the segmenter's own for a grid, none for one prompt.
        stability_threshold: Likewise for stability.
        min_area: Least area in pixels; None: MIN_AREA_FRACTION of the image for a grid, none for one prompt.
        max_area: Largest area in pixels; None: MAX_AREA_FRACTION of it for a grid, all for one prompt.
        clean: Whether specks and holes are removed.
    """

    prompt: PointGrid | Prompt
    max_masks: int
    quality_threshold: float | None = None
    stability_threshold: float | None = None
    min_area: int | None = None
    max_area: int | None = None
    clean: bool = True


DEFAULT_MIN_AREA_FRACTION = 0.0005
"""Least area of a grid region as a share of the image, where the caller sets none."""

DEFAULT_MAX_AREA_FRACTION = 0.95
"""A grid region beyond it is the picture itself, not something in it."""

LOW_RESOLUTION_MIN_AREA_FACTOR = 0.8
"""Areas measured at low resolution are rounded: they only have to come this near to `min_area`."""

LOW_RESOLUTION_MAX_AREA_MARGIN = 2 / 256
"""Likewise for `max_area`: how far off an area at low resolution may be, as a share of its square root."""


@dataclass(frozen=True)
class ResolvedMaskOptions:
    """Options with every default filled in.

    Attributes:
        prompt: A grid, or one prompt.
        max_masks: At most this many.
        candidate_filter: What candidates must reach at low resolution.
        refine_options: What becomes of them at full size.
    """

    prompt: PointGrid | Prompt
    max_masks: int
    candidate_filter: CandidateFilter
    refine_options: RefineOptions

    @property
    def key(self) -> Hashable:
        """Equal for options that find the same masks, however they were put."""
        asked = self.prompt.key if isinstance(self.prompt, Prompt) else self.prompt
        return asked, self.max_masks, self.candidate_filter, self.refine_options

    @classmethod
    def of(cls, options: MaskOptions, defaults: SegmenterDefaults, pixels: int) -> Self:
        """The terms for an image of `pixels` pixels."""
        candidate_filter, refine_options = _resolve_limits(options, defaults, pixels)
        return cls(options.prompt, options.max_masks, candidate_filter, refine_options)


def _resolve_limits(
    options: MaskOptions, defaults: SegmenterDefaults, pixels: int
) -> tuple[CandidateFilter, RefineOptions]:
    """What candidates must reach at low resolution, and regions at full size."""
    quality = stability = 0.0
    min_area, max_area, allow_duplicates = 1, pixels, True
    if isinstance(options.prompt, PointGrid):
        quality, stability = defaults.quality_threshold, defaults.stability_threshold
        min_area, max_area = (
            math.ceil(DEFAULT_MIN_AREA_FRACTION * pixels),
            int(DEFAULT_MAX_AREA_FRACTION * pixels),
        )
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
