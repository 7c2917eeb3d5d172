"""Segments an image into whole objects and stuff: finds its masks, labels them, chooses and paints."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from domain.arrays import Floats
from domain.errors import InvalidRequest
from domain.labels import LabelPrediction, LabelScore
from domain.masks import Region
from services.images.photo import Photo
from services.labels.confidence import LabelOptions, choose_label
from services.labels.service import LabelService, RegionLabels
from services.masks.find import MaskFinder
from services.masks.nesting import Nesting
from services.masks.options import PointGrid
from services.overlay.service import OverlayService
from services.panoptic.choose import choose_regions
from services.panoptic.explain import WEIGHTS, PanopticWeights, explain_regions
from services.panoptic.segments import Segment, SegmentIds, paint_segments
from services.panoptic.stuff import stuff_mask
from services.progress import Progress
from services.segment import SegmentOptions, SegmentResult


@dataclass(frozen=True)
class PanopticResult:
    """Segments of one image, before they are put into JSON.

    Attributes:
        segment: The segments as regions with labels, best first, and the overlay.
        ids: uint16 [H, W], index of the region at each pixel plus one; 0 where nothing is explained.
        is_thing: False for stuff, of each region.
    """

    segment: SegmentResult
    ids: SegmentIds
    is_thing: Sequence[bool]


class PanopticService:
    """Segments images into whole objects. It holds no request state, so many threads share it.

    Args:
        finder: Finds the regions.
        labelling: Labels them.
        overlays: Draws the segments.
    """

    def __init__(
        self,
        finder: MaskFinder,
        labelling: LabelService,
        overlays: OverlayService,
    ) -> None:
        self._finder = finder
        self._labelling = labelling
        self._overlays = overlays

    def segment(self, photo: Photo, options: SegmentOptions, progress: Progress) -> PanopticResult:
        """Segment an image.

        Args:
            photo: The image.
            options: Options of the segmentation; the prompt is a grid, and there are options of the labels.
            progress: Receives the stages and steps, and ends the work when it is cancelled.

        Raises:
            InvalidRequest: The prompt is no grid, there are no options of the labels, or the labeller does
                not have the view.
            ModelUnavailable: The segmenter or the labeller is not available: the choice needs both.
        """
        if options.labels is None or not isinstance(options.masks.prompt, PointGrid):
            raise InvalidRequest("output: panoptic expects a grid and labels")
        self._labelling.check(options.labels)
        found = self._finder.find(photo, options.masks, progress)
        vectors = self._labelling.region_vectors(photo, found, progress, options.labels.view)
        probabilities = self._labelling.probabilities(vectors, options.labels.vocabulary, progress)
        with progress.stage("choose"):
            segments, ids = (
                choose_segments(found.regions, probabilities, options.labels)
                if found.regions
                else ([], np.zeros((photo.height, photo.width), np.uint16))
            )
        digest = hashlib.sha256(np.ascontiguousarray(ids).data).hexdigest()
        chosen = replace(
            found, key=("panoptic", found.key, digest), regions=tuple(one.region for one in segments)
        )
        predictions = [_prediction(one, options.labels) for one in segments]
        labels = RegionLabels(predictions, self._labelling.labeller, vocabulary=options.labels.vocabulary)
        overlay = self._overlays.draw(photo, chosen, labels, progress) if options.overlay else None
        result = SegmentResult(chosen, labels, overlay, photo.width, photo.height)
        return PanopticResult(result, ids, [one.is_thing for one in segments])


def choose_segments(
    regions: Sequence[Region], probabilities: Floats, labels: LabelOptions, weights: PanopticWeights = WEIGHTS
) -> tuple[list[Segment], SegmentIds]:
    """Return the segments that explain an image best, best first, and the map of their ids.

    The result does not depend on the order of the regions.

    Args:
        regions: N regions of the image, at least one.
        probabilities: float32 [N, L + 1], of the labels and, last, the reject class.
        labels: Options of the labels; less confident ones explain nothing.
        weights: Weights of the choice.
    """
    order = sorted(range(len(regions)), key=lambda index: (-regions[index].area, regions[index].rle.counts))
    ordered, stuff = [regions[index] for index in order], stuff_mask(labels.vocabulary)
    quality = np.array([region.quality for region in ordered], np.float32)
    nesting = Nesting.of(ordered)
    explained = explain_regions(nesting, quality, probabilities[order], stuff, weights)
    confident = explained.probabilities.max(axis=1) >= labels.confidence_threshold
    explained = replace(explained, gains=np.where(confident, explained.gains, 0.0))
    return paint_segments(ordered, choose_regions(nesting, explained), explained, stuff)


def _prediction(segment: Segment, labels: LabelOptions) -> LabelPrediction:
    label = labels.vocabulary.labels[segment.label]
    score = LabelScore(label.name, float(segment.probabilities[segment.label]), label.read_as)
    return replace(choose_label(segment.probabilities, labels), chosen=score)
