"""What a caller may ask of a segmentation, checked and complete."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.masks import FoundMasks, Prompt, Region
from services.images.photo import Photo
from services.labels.confidence import UNLABELLED, LabelOptions
from services.labels.service import LabelService, RegionLabels
from services.masks.find import MaskFinder
from services.masks.options import MaskOptions
from services.masks.prompts import check_prompt_inside
from services.overlay.service import OverlayPng, OverlayService
from services.progress import Progress


@dataclass(frozen=True)
class SegmentOptions:
    """One segmentation.

    Attributes:
        masks: Which masks.
        naming: How they are named; None leaves them nameless.
        overlay: Whether to draw the overlay.
    """

    masks: MaskOptions
    naming: LabelOptions | None
    overlay: bool = True


@dataclass(frozen=True)
class SegmentResult:
    """The answer, before it is put into JSON.

    Attributes:
        found: The regions, best first, and who found them.
        labels: One naming for each region, and who gave them.
        overlay: The photograph with regions drawn on it; None when not asked for.
        width: Pixels of the upright photograph.
        height: Pixels of the upright photograph.
    """

    found: FoundMasks
    labels: RegionLabels
    overlay: OverlayPng | None
    width: int
    height: int

    @property
    def regions(self) -> Sequence[Region]:
        """Best first."""
        return self.found.regions


RegionsListener = Callable[[SegmentResult], None]
"""Called with the regions as soon as they are known: nameless, no overlay."""


def ignore_regions(_found: SegmentResult) -> None:
    """The listener of callers who wait for the names."""


class SegmentService:
    """Segments, names and draws. Holds no request state: many threads share it.

    Args:
        finder: Finds regions.
        labelling: Names them.
        overlays: Draws them.
    """

    def __init__(self, finder: MaskFinder, labelling: LabelService, overlays: OverlayService) -> None:
        self._finder = finder
        self._labelling = labelling
        self._overlays = overlays

    def check(self, photo: Photo, options: SegmentOptions) -> None:
        """Refuse at once what cannot be done with a photograph.

        Raises:
            InvalidRequest: The prompt lies outside it, or the labeller has no such view.
        """
        if isinstance(options.masks.prompt, Prompt):
            check_prompt_inside(options.masks.prompt, photo.width, photo.height)
        self._labelling.check(options.naming)

    def segment(
        self,
        photo: Photo,
        options: SegmentOptions,
        progress: Progress,
        listener: RegionsListener = ignore_regions,
    ) -> SegmentResult:
        """Segment a photograph.

        Raises:
            InvalidRequest: The prompt lies outside it, or the labeller has no such view.
            ModelUnavailable: There is no segmenter.
        """
        self.check(photo, options)
        found = self._finder.find(photo, options.masks, progress)
        unlabelled = RegionLabels([UNLABELLED] * len(found.regions))
        listener(SegmentResult(found, unlabelled, None, photo.width, photo.height))
        labels = self._labelling.regions(photo, found, options.naming, progress)
        overlay = self._overlays.draw(photo, found, labels, progress) if options.overlay else None
        return SegmentResult(found, labels, overlay, photo.width, photo.height)
