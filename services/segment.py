"""Segments an image: finds its masks, labels the regions and draws the overlay."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from domain.labels import Vocabulary
from domain.masks import FoundMasks, Region
from services.concepts.examples import ExamplePrompt
from services.concepts.find import ConceptFinder, ConceptPrompt, phrase_predictions, with_confidence
from services.concepts.matches import ConceptMatches
from services.concepts.text import TextPrompt
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
        concept: Phrases or examples that choose among the regions of a grid; None takes all regions.
        least_confidence: Least confidence of a region that a concept chooses, 0..1.
        panoptic: Whether whole objects are chosen among the regions of a grid, with the help of their labels.
    """

    masks: MaskOptions
    labels: LabelOptions | None
    overlay: bool = True
    concept: ConceptPrompt | None = None
    least_confidence: float = 0.0
    panoptic: bool = False

    def __post_init__(self) -> None:
        if self.panoptic and (self.labels is None or not isinstance(self.masks.prompt, PointGrid)):
            raise ValueError("expected a grid and labels for whole objects, got no grid or no labels")
        if self.panoptic and self.concept is not None:
            raise ValueError("expected whole objects or a concept, got both")

    @property
    def vocabulary(self) -> Vocabulary | None:
        """The labels that regions may get; None where they get none."""
        if isinstance(self.concept, TextPrompt):
            return Vocabulary.of("texts", self.concept.phrases)
        return None if self.labels is None else self.labels.vocabulary


@dataclass(frozen=True)
class SegmentResult:
    """Result of one segmentation, before it is put into JSON.

    Attributes:
        found: The regions, best first, and the segmenter that found them.
        labels: One prediction for each region, and the labeller that made them.
        overlay: The image with the regions drawn on it; None if none was requested.
        width: Width of the upright image in pixels.
        height: Height of the upright image in pixels.
        prompt_index: Index of the prompt or of the phrase of each region; None where there are not several.
        panoptic: Map of the regions where whole objects were requested.
    """

    found: FoundMasks
    labels: RegionLabels
    overlay: OverlayPng | None
    width: int
    height: int
    prompt_index: Sequence[int] | None = None
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
        concepts: Finds the regions of phrases and examples.
    """

    def __init__(
        self,
        finder: MaskFinder,
        labelling: LabelService,
        overlays: OverlayService,
        concepts: ConceptFinder,
    ) -> None:
        self._finder = finder
        self._labelling = labelling
        self._overlays = overlays
        self._concepts = concepts

    def check(self, photo: Photo, options: SegmentOptions) -> None:
        """Refuse options that do not suit the image, before any work is done.

        Raises:
            InvalidRequest: A prompt or an example lies outside its image, or the labeller does not have the
                view.
        """
        if not isinstance(options.masks.prompt, PointGrid):
            check_prompts_inside(options.masks.prompt, photo.width, photo.height)
        if options.concept is not None:
            self._concepts.check(photo, options.concept)
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
            ModelUnavailable: The segmenter is not available, or the labeller, which concepts and whole
                objects need.
        """
        self.check(photo, options)
        matches = self._matches(photo, options, progress)
        found = self._finder.find(photo, options.masks, progress) if matches is None else matches.found
        result = SegmentResult(
            found,
            RegionLabels([UNLABELLED] * len(found.regions)),
            None,
            photo.width,
            photo.height,
            _prompt_index(found, options, matches),
        )
        listener(result)
        if options.panoptic and options.labels is not None:
            chosen = choose_whole_objects(self._labelling, photo, found, options.labels, progress)
            result = replace(result, found=chosen.found, labels=chosen.labels, panoptic=chosen.panoptic)
        else:
            result = replace(result, labels=self._label(photo, found, options, matches, progress))
        if not options.overlay:
            return result
        overlay = self._overlays.draw(photo, result.found, result.labels, progress)
        return replace(result, overlay=overlay)

    def _matches(self, photo: Photo, options: SegmentOptions, progress: Progress) -> ConceptMatches | None:
        if options.concept is None:
            return None
        return self._concepts.find(photo, options.concept, options.masks, options.least_confidence, progress)

    def _label(
        self,
        photo: Photo,
        found: FoundMasks,
        options: SegmentOptions,
        matches: ConceptMatches | None,
        progress: Progress,
    ) -> RegionLabels:
        """Label the regions: those of phrases by their phrases, others by the vocabulary."""
        if matches is not None and isinstance(options.concept, TextPrompt):
            predictions = phrase_predictions(options.concept, matches)
            return RegionLabels(predictions, self._labelling.labeller, None, options.concept.others)
        labels = self._labelling.label_regions(photo, found, options.labels, progress)
        if matches is None:
            return labels
        return replace(labels, per_region=with_confidence(labels.per_region, matches))


def _prompt_index(
    found: FoundMasks, options: SegmentOptions, matches: ConceptMatches | None
) -> Sequence[int] | None:
    if found.several_prompts:
        return range(len(found.regions))
    if matches is None or isinstance(options.concept, ExamplePrompt):
        return None
    return matches.prompt_index
