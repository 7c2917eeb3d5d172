"""Segments an image: finds its masks, labels the regions and draws the overlay."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.masks import FoundMasks, Region
from services.images.photo import Photo
from services.labels.confidence import UNLABELLED, LabelOptions
from services.labels.service import LabelService, RegionLabels
from services.masks.find import MaskFinder
from services.masks.options import MaskOptions, PointGrid
from services.masks.prompts import check_prompts_inside
from services.overlay.service import OverlayPng, OverlayService
from services.panoptic.whole_objects import PanopticMap, choose_whole_objects
from services.progress import Progress, ignore


@dataclass(frozen=True)
class SegmentOptions:
    """Options of one segmentation.

    Attributes:
        masks: Options of the search for masks.
        labels: Options of the labels; None leaves the regions without labels.
        overlay: Whether the overlay is drawn.
        panoptic: Whether whole objects are chosen among the regions of a grid, with the help of their labels.
    """

    masks: MaskOptions
    labels: LabelOptions | None
    overlay: bool = True
    panoptic: bool = False

    def __post_init__(self) -> None:
        if self.panoptic and (self.labels is None or not isinstance(self.masks.prompt, PointGrid)):
            raise ValueError("expected a grid and labels for whole objects, got no grid or no labels")


@dataclass(frozen=True)
class SegmentResult:
    """Result of one segmentation, before it is put into JSON.

    Attributes:
        found: The regions, best first, and the segmenter that found them.
        labels: One prediction for each region, and the labeller that made them.
        overlay: The image with the regions drawn on it; None if none was requested.
        width: Width of the upright image in pixels.
        height: Height of the upright image in pixels.
        panoptic: Map of the regions where whole objects were requested.
    """

    found: FoundMasks
    labels: RegionLabels
    overlay: OverlayPng | None
    width: int
    height: int
    panoptic: PanopticMap | None = None

    @property
    def regions(self) -> Sequence[Region]:
        """The regions, best first."""
        return self.found.regions


RegionsListener = Callable[[SegmentResult], None]
"""A callback that receives the regions as soon as they are found, without labels and overlay."""


class SegmentService:
    """Finds masks, labels them and draws them. It holds no request state, so many threads share it.

    Args:
        finder: Finds the regions.
        labelling: Labels them.
        overlays: Draws them.
    """

    def __init__(self, finder: MaskFinder, labelling: LabelService, overlays: OverlayService) -> None:
        self._finder = finder
        self._labelling = labelling
        self._overlays = overlays

    def check(self, photo: Photo, options: SegmentOptions) -> None:
        """Refuse options that do not suit the image, before any work is done.

        Raises:
            InvalidRequest: A prompt lies outside the image, or the labeller does not have the view.
        """
        if not isinstance(options.masks.prompt, PointGrid):
            check_prompts_inside(options.masks.prompt, photo.width, photo.height)
        self._labelling.check(options.labels)

    def segment(
        self,
        photo: Photo,
        options: SegmentOptions,
        progress: Progress,
        listener: RegionsListener = ignore,
    ) -> SegmentResult:
        """Segment an image.

        Args:
            photo: The image.
            options: Options of the segmentation.
            progress: Receives the stages and steps, and ends the work when it is cancelled.
            listener: Receives the regions before they are labelled.

        Raises:
            InvalidRequest: A prompt lies outside the image, or the labeller does not have the view.
            ModelUnavailable: The segmenter is not available, or the labeller, which whole objects need.
        """
        self.check(photo, options)
        found = self._finder.find(photo, options.masks, progress)
        unlabelled = RegionLabels([UNLABELLED] * len(found.regions))
        listener(SegmentResult(found, unlabelled, None, photo.width, photo.height))
        found, labels, panoptic = self._label(photo, found, options, progress)
        overlay = self._overlays.draw(photo, found, labels, progress) if options.overlay else None
        return SegmentResult(found, labels, overlay, photo.width, photo.height, panoptic)

    def _label(
        self, photo: Photo, found: FoundMasks, options: SegmentOptions, progress: Progress
    ) -> tuple[FoundMasks, RegionLabels, PanopticMap | None]:
        """Label the regions, or choose the whole objects among them."""
        if options.panoptic and options.labels is not None:
            chosen = choose_whole_objects(self._labelling, photo, found, options.labels, progress)
            return chosen.found, chosen.labels, chosen.panoptic
        return found, self._labelling.label_regions(photo, found, options.labels, progress), None
