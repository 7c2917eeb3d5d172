"""Group the regions of an analysis by label: the confident objects of a scene, counted without duplicates."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from domain.arrays import Floats, Mask
from domain.labels import UNKNOWN_LABEL, LabelPrediction
from domain.masks import Region
from services.analyze.service import AnalyzeResult
from services.caption.grammar import is_mass_noun
from services.labels.views import low_res_mask

MIN_OBJECT_CONFIDENCE = 0.5
"""Minimum confidence of a label that a caption mentions."""

MIN_SMALL_OBJECT_CONFIDENCE = 0.75
"""Minimum confidence of the label of a small region, which is more ambiguous."""

MIN_EXTENT_CONFIDENCE = 0.3
"""Minimum confidence of regions that extend an object of the same label that is confident elsewhere."""

SMALL_OBJECT_FRACTION = 0.1
"""A region below this fraction of the image is small."""

MIN_OBJECT_FRACTION = 0.01
"""Minimum fraction of the image that an object must cover."""

MIN_STUFF_FRACTION = 0.08
"""Minimum fraction of the image that regions labelled with a mass noun must cover together."""

SAME_OBJECT_COVERAGE = 0.5
"""Two regions of one label are the same object if at least this fraction of one lies in the other."""

MIN_COUNTED_AREA_RATIO = 0.25
"""Objects of one label are counted together if they have this fraction of the area of the largest one."""

IMAGE_LABEL_FRACTION = 0.1
"""Fraction of the image that is assumed for a label that only the whole image has."""


@dataclass(frozen=True)
class SceneObject:
    """A labelled region.

    Attributes:
        region: The region.
        confidence: Confidence of its label, 0..1.
        depth: Relative depth rank, 0 for the nearest region and 1 for the farthest; None without depth.
    """

    region: Region
    confidence: float
    depth: float | None

    @cached_property
    def mask(self) -> Mask:
        """The mask bool [h, w] over the whole image at a low resolution; it is never empty."""
        return low_res_mask(self.region)


@dataclass(frozen=True)
class LabelledObjects:
    """All objects of one label.

    Attributes:
        name: The label as the vocabulary has it.
        objects: The confident objects, most prominent first; empty where only the whole image has the label.
        confidence: Confidence of the label for the whole image or for its best object, the higher of both.
        extent_objects: All regions of the label, including those below the confidence of an object.
    """

    name: str
    objects: tuple[SceneObject, ...]
    confidence: float
    extent_objects: tuple[SceneObject, ...] = ()

    def count_confidence(self, count: int) -> float:
        """Return the confidence that `count` objects are there: the lowest confidence among them."""
        if count <= 1 or not self.objects:
            return self.confidence
        return min(one.confidence for one in self.objects[:count])

    @property
    def area(self) -> int:
        """Total area of the objects in pixels."""
        return _area(self.objects)

    @cached_property
    def mask(self) -> Mask:
        """The union of the objects, bool [h, w] over the whole image at a low resolution."""
        return union_mask(self.objects)

    @cached_property
    def extent(self) -> Mask:
        """The union of all regions of the label, bool [h, w] over the whole image at a low resolution."""
        return union_mask(self.extent_objects)


def labelled_objects(scene: AnalyzeResult) -> list[LabelledObjects]:
    """Return the objects of each confident label of a scene, most prominent label first."""
    pixels, image = scene.segment.width * scene.segment.height, _image_confidences(scene.image)
    found = [*_confident_objects(scene, image, pixels)]
    labels = {one.name for one in found}
    found += [
        LabelledObjects(label, (), confidence)
        for label, confidence in image.items()
        if label not in labels and confidence >= MIN_OBJECT_CONFIDENCE
    ]
    return sorted(found, key=lambda one: -_prominence(one, pixels))


def distinct_objects(objects: Sequence[SceneObject]) -> list[SceneObject]:
    """Return each object once, the most confident and largest first; overlapping regions are one object."""
    order = sorted(objects, key=lambda one: -one.confidence * one.region.area**0.5)
    coverage = _object_coverage(order)
    kept: list[int] = []
    for index in range(len(order)):
        if all(max(coverage[index, other], coverage[other, index]) < SAME_OBJECT_COVERAGE for other in kept):
            kept.append(index)
    return [order[index] for index in kept]


def union_mask(objects: Sequence[SceneObject]) -> Mask:
    """Return the union bool [h, w] of the masks of at least one object."""
    union: Mask = np.logical_or.reduce([one.mask for one in objects])
    return union


def _object_coverage(objects: Sequence[SceneObject]) -> Floats:
    """Return float32 [N, N] whose element [i, j] is the fraction of object i that lies in object j."""
    masks = np.stack([one.mask.ravel() for one in objects]).astype(np.float32)
    shared = masks @ masks.T
    coverage: Floats = shared / shared.diagonal()[:, None]
    return coverage


def _confident_objects(
    scene: AnalyzeResult, image: Mapping[str, float], pixels: int
) -> Iterator[LabelledObjects]:
    """Yield the objects of each label that some region has confidently."""
    for label, objects in _objects_by_label(scene, pixels).items():
        confident = [one for one in objects if one.confidence >= _min_confidence(one, pixels)]
        if confident and (counted := _counted_objects(label, confident, pixels)):
            best = max(image.get(label, 0.0), *(one.confidence for one in counted))
            yield LabelledObjects(label, counted, best, tuple(objects))


def _objects_by_label(scene: AnalyzeResult, pixels: int) -> dict[str, list[SceneObject]]:
    """Return the regions that are not tiny and may have a label, by that label."""
    found: dict[str, list[SceneObject]] = {}
    ranks = scene.ranks or ()
    for index, region in enumerate(scene.segment.regions):
        chosen = scene.segment.labels.per_region[index].chosen
        if (
            chosen.label != UNKNOWN_LABEL
            and chosen.confidence >= MIN_EXTENT_CONFIDENCE
            and region.area >= MIN_OBJECT_FRACTION * pixels
        ):
            rank = ranks[index] if ranks else None
            depth = None if rank is None else (rank - 1) / max(1, len(ranks) - 1)
            found.setdefault(chosen.label, []).append(SceneObject(region, chosen.confidence, depth))
    return found


def _min_confidence(one: SceneObject, pixels: int) -> float:
    small = one.region.area < SMALL_OBJECT_FRACTION * pixels
    return MIN_SMALL_OBJECT_CONFIDENCE if small else MIN_OBJECT_CONFIDENCE


def _counted_objects(label: str, objects: Sequence[SceneObject], pixels: int) -> tuple[SceneObject, ...]:
    """Return the distinct objects without the much smaller ones; nothing for too little of a mass noun."""
    found = distinct_objects(objects)
    if is_mass_noun(label):
        return tuple(found) if _area(found) >= MIN_STUFF_FRACTION * pixels else ()
    largest = max(one.region.area for one in found)
    return tuple(one for one in found if one.region.area >= MIN_COUNTED_AREA_RATIO * largest)


def _area(objects: Sequence[SceneObject]) -> int:
    return sum(one.region.area for one in objects)


def _image_confidences(image: LabelPrediction | None) -> dict[str, float]:
    """Return the confidence of each label of the whole image."""
    return {} if image is None else {score.label: score.confidence for score in image.alternatives}


def _prominence(labelled: LabelledObjects, pixels: int) -> float:
    """Return a rank value that grows with confidence and area."""
    fraction = min(1.0, labelled.area / pixels) if labelled.objects else IMAGE_LABEL_FRACTION
    return float(labelled.confidence * fraction**0.5)
