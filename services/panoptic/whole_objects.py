"""Chooses the whole objects and stuff of an image among its regions, with the help of their labels."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from domain.arrays import Floats
from domain.labels import LabelPrediction, LabelScore
from domain.masks import FoundMasks, Region
from services.images.photo import Photo
from services.labels.confidence import LabelOptions, choose_label
from services.labels.service import LabelService, RegionLabels
from services.masks.nesting import Nesting
from services.panoptic.choose import choose_regions
from services.panoptic.explain import WEIGHTS, PanopticWeights, explain_regions
from services.panoptic.segments import Segment, SegmentIds, paint_segments
from services.panoptic.stuff import stuff_mask
from services.progress import Progress


@dataclass(frozen=True)
class PanopticMap:
    """The segments of an image in one map.

    Attributes:
        ids: uint16 [H, W], index of the region at each pixel plus one; 0 where nothing is explained.
        is_thing: False for stuff, of each region.
    """

    ids: SegmentIds
    is_thing: Sequence[bool]


@dataclass(frozen=True)
class PanopticSegments:
    """The whole objects and stuff of an image.

    Attributes:
        found: The segments as regions, best first.
        labels: Their labels.
        panoptic: Their map.
    """

    found: FoundMasks
    labels: RegionLabels
    panoptic: PanopticMap


def choose_whole_objects(
    labelling: LabelService, photo: Photo, found: FoundMasks, options: LabelOptions, progress: Progress
) -> PanopticSegments:
    """Choose the segments of an image among its regions.

    Args:
        labelling: Labels the regions.
        photo: The image.
        found: The regions of a grid.
        options: Options of the labels.
        progress: Receives the stages and steps, and ends the work when it is cancelled.

    Raises:
        InvalidRequest: The labeller does not have the view.
        ModelUnavailable: There is no labeller, which the choice needs.
    """
    vectors = labelling.region_vectors(photo, found, progress, options.view)
    probabilities = labelling.probabilities(vectors, options.vocabulary, progress)
    with progress.stage("choose"):
        segments, ids = (
            choose_segments(found.regions, probabilities, options)
            if found.regions
            else ([], np.zeros((photo.height, photo.width), np.uint16))
        )
    key = "panoptic", found.key, hashlib.sha256(np.ascontiguousarray(ids).data).hexdigest()
    predictions = [_prediction(one, options) for one in segments]
    return PanopticSegments(
        replace(found, key=key, regions=tuple(one.region for one in segments)),
        RegionLabels(predictions, labelling.labeller, vocabulary=options.vocabulary),
        PanopticMap(ids, [one.is_thing for one in segments]),
    )


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
