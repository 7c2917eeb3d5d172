"""Holds the labelled regions of one photograph as plain values, of which all formats are made."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from domain.arrays import Mask
from domain.labels import UNKNOWN_LABEL, LabelScore, Vocabulary
from domain.masks import Region
from services.masks.formats import crop_mask
from services.panoptic.stuff import is_stuff
from services.segment import SegmentResult

SCORE_DIGITS = 4
"""Decimals of confidences and other scores in documents."""


@dataclass(frozen=True)
class Annotation:
    """One labelled region.

    Attributes:
        region: The region, in pixels of the upright image.
        label: Its label, or `unknown`.
        confidence: Probability of the label, 0..1.
        alternatives: The most probable labels, best first.
    """

    region: Region
    label: str
    confidence: float
    alternatives: tuple[LabelScore, ...] = ()

    @property
    def score(self) -> float:
        """The confidence, rounded as in documents."""
        return round(self.confidence, SCORE_DIGITS)

    def crop(self) -> Mask:
        """Decode the part of the mask inside its box, bool [height, width]."""
        return crop_mask(self.region.rle, self.region.xywh)


@dataclass(frozen=True)
class ImageAnnotations:
    """One photograph with its labelled regions.

    Attributes:
        file_name: Name by which documents refer to the image.
        width: Width of the upright image in pixels.
        height: Height of the upright image in pixels.
        annotations: The regions, best first.
        models: Names of the models that answered, by role.
        image_id: Number of the image in its data set, from 1.
    """

    file_name: str
    width: int
    height: int
    annotations: tuple[Annotation, ...]
    models: Mapping[str, str]
    image_id: int = 1

    @property
    def model_version(self) -> str:
        """The names of the models in one text."""
        return "+".join(["seglabel", *self.models.values()])


Images = Callable[[], Iterable[ImageAnnotations]]
"""A function that goes through the images of a data set anew at each call; they may not fit into memory."""


@dataclass(frozen=True)
class Categories:
    """The labels that annotations may have. Their order is fixed, so that their numbers are.

    Attributes:
        names: The labels of the vocabulary in its order, and last `unknown`.
        stuff: Those among them that are stuff.
    """

    names: tuple[str, ...]
    stuff: frozenset[str] = frozenset()

    @classmethod
    def of(cls, vocabulary: Vocabulary | None) -> "Categories":
        """Return the categories of a vocabulary; without one, regions have no labels."""
        labels = () if vocabulary is None else vocabulary.labels
        names = tuple(label.name for label in labels)
        return cls(
            names if UNKNOWN_LABEL in names else (*names, UNKNOWN_LABEL),
            frozenset(label.name for label in labels if is_stuff(label)),
        )

    @cached_property
    def _positions(self) -> Mapping[str, int]:
        return {name: position for position, name in enumerate(self.names)}

    def index(self, label: str) -> int:
        """Return the position of a label, from 0.

        Raises:
            KeyError: The label is none of the categories.
        """
        return self._positions[label]


def annotate(result: SegmentResult, file_name: str) -> ImageAnnotations:
    """Return the result of a segmentation as plain values."""
    labeller = result.labels.labeller
    return ImageAnnotations(
        file_name,
        result.width,
        result.height,
        tuple(
            Annotation(region, prediction.chosen.label, prediction.chosen.confidence, prediction.alternatives)
            for region, prediction in zip(result.regions, result.labels.per_region, strict=True)
            if region.area  # A prompt may have no mask.
        ),
        {
            "segmenter": result.found.segmenter.name,
            **({} if labeller is None else {"labeller": labeller.name}),
        },
    )
