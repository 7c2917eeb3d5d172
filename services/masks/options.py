"""What a caller may ask of a segmentation, checked and complete."""

from dataclasses import dataclass
from typing import Literal

from domain.labels import Vocabulary
from domain.model import View
from domain.prompt import Prompt

Deduplication = Literal["mask", "box", "none"]
"""How repeated masks of a grid are found: by mask IoU and containment, as SAM does by box IoU, or not."""

GRID_MASKS = 64
"""How many regions of a grid are answered where nobody says how many."""


@dataclass(frozen=True)
class Grid:
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

    prompt: Grid | Prompt
    max_masks: int
    quality_threshold: float | None = None
    stability_threshold: float | None = None
    min_area: int | None = None
    max_area: int | None = None
    clean: bool = True


@dataclass(frozen=True)
class NamingOptions:
    """How regions are named.

    Attributes:
        vocabulary: The names.
        view: How a region is shown to the labeller; None: the labeller's own choice.
        top_k: How many alternatives, at most the size of the vocabulary.
        confidence_threshold: A best name below it becomes `unknown`.
    """

    vocabulary: Vocabulary
    view: View | None = None
    top_k: int = 1
    confidence_threshold: float = 0.0


@dataclass(frozen=True)
class SegmentOptions:
    """One segmentation.

    Attributes:
        masks: Which masks.
        naming: How they are named; None leaves them nameless.
        overlay: Whether to draw the overlay.
    """

    masks: MaskOptions
    naming: NamingOptions | None
    overlay: bool = True
