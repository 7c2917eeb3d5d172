"""Finds everything in an image that is like examples."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from domain.arrays import Floats
from domain.errors import InvalidRequest
from domain.labels import Vocabulary
from domain.masks import FoundMasks, Prompt, PromptList, Region, Rle
from domain.models import ModelInfo
from domain.ports.models import DualEncoder, ModelProvider
from services.concepts.likeness import OTHER_IMAGE, SAME_IMAGE, Appearance, match_probabilities
from services.concepts.matches import ConceptMatches
from services.images.photo import Photo
from services.labels.service import LabelService
from services.labels.vectors import drop_naming_dims
from services.masks.find import MaskFinder
from services.masks.formats import coco_rle, rle_area
from services.masks.options import MaskOptions
from services.masks.prompts import check_prompt_inside
from services.progress import Progress

LEAST_MATCH = 0.25
"""Least probability of a region that is answered; docs/quality.md has how many of those are right."""

SAME_IOU = 0.5
"""IoU from which on two regions are one instance."""

NESTED_FRACTION = 0.8
"""Fraction of a region inside another one from which on both are one instance."""


@dataclass(frozen=True)
class ExampleRegion:
    """A region that shows what is looked for, or something that is not looked for.

    Attributes:
        prompt: Its box, from which the segmenter makes a region, or its mask, which is taken as it is.
        positive: Whether it is looked for.
    """

    prompt: Prompt
    positive: bool = True


@dataclass(frozen=True)
class ExamplePrompt:
    """Examples of what to find in an image.

    Attributes:
        examples: The examples, at least one of them positive.
        photo: The image that shows them; None if it is the one that is searched.
    """

    examples: tuple[ExampleRegion, ...]
    photo: Photo | None = None

    def __post_init__(self) -> None:
        if not any(one.positive for one in self.examples):
            raise ValueError("expected at least one positive example, got none")


class ExampleFinder:
    """Finds the regions that are like examples. It is stateless and shared by threads.

    Args:
        finder: Finds the regions.
        labels: Encodes and labels them.
        labeller: The model in whose space regions are compared.
        vocabulary: Labels by whose probabilities regions are compared too.
    """

    def __init__(
        self,
        finder: MaskFinder,
        labels: LabelService,
        labeller: ModelProvider[DualEncoder],
        vocabulary: Vocabulary,
    ) -> None:
        self._finder = finder
        self._labels = labels
        self._labeller = labeller
        self._vocabulary = vocabulary

    def check(self, photo: Photo, prompt: ExamplePrompt) -> None:
        """Refuse examples that lie outside their image.

        Raises:
            InvalidRequest: An example lies outside; the message names its index.
        """
        shown = prompt.photo or photo
        for index, example in enumerate(prompt.examples):
            try:
                check_prompt_inside(example.prompt, shown.width, shown.height)
            except InvalidRequest as error:
                raise InvalidRequest(
                    f"examples.{index}.{error.message}", {**error.details, "example_index": index}
                ) from error

    def find(
        self, photo: Photo, prompt: ExamplePrompt, masks: MaskOptions, progress: Progress
    ) -> ConceptMatches:
        """Return the regions that are like the positive examples, each instance once, best first.

        The positive examples themselves come first, with confidence 1, where the image is their own.

        Args:
            photo: The image.
            prompt: The examples.
            masks: Options of the search for regions, whose prompt is a grid.
            progress: Receives the stages and steps, and ends the work when it is cancelled.

        Raises:
            InvalidRequest: The segmenter finds nothing in the box of an example.
            ModelUnavailable: The segmenter or the labeller is not available.
        """
        encoder, shown = self._labeller.get(), prompt.photo or photo
        found = self._finder.find(photo, masks, progress)
        examples = self._examples(shown, prompt, found.segmenter, progress)
        positive = np.array([one.positive for one in prompt.examples])
        same_image = shown.key == photo.key
        own = [*_of_label(examples, positive)] if same_image else []
        regions, confidence = [*own, *found.regions], np.ones(len(own) + len(found.regions), np.float32)
        if found.regions:
            confidence[len(own) :] = match_probabilities(
                self._appearance(photo, found, encoder, progress),
                np.array([region.quality for region in found.regions], np.float32),
                self._appearance(shown, examples, encoder, progress),
                positive,
                SAME_IMAGE if same_image else OTHER_IMAGE,
            )
        with progress.stage("choose"):
            refused = [*_of_label(examples, ~positive)] if same_image else []
            kept = _instances(regions, confidence, len(own), refused)
        key = ("example", found.key, examples.key, tuple(positive.tolist()), encoder.info.sha256)
        return ConceptMatches(
            replace(found, key=key, regions=tuple(regions[index] for index in kept)),
            (0,) * len(kept),
            tuple(float(confidence[index]) for index in kept),
        )

    def _examples(
        self, shown: Photo, prompt: ExamplePrompt, segmenter: ModelInfo, progress: Progress
    ) -> FoundMasks:
        """Return the regions of the examples, in order.

        Raises:
            InvalidRequest: The segmenter finds nothing in a box.
        """
        prompts = [one.prompt for one in prompt.examples]
        boxed = [one for one in prompts if one.mask is None]
        found = FoundMasks(shown.key, (), segmenter, 0)
        if boxed:
            found = self._finder.find(shown, MaskOptions(PromptList(tuple(boxed)), max_masks=1), progress)
        of_boxes = iter(found.regions)
        regions = tuple(next(of_boxes) if one.mask is None else _as_region(one.mask) for one in prompts)
        for index, region in enumerate(regions):
            if not region.area:
                raise InvalidRequest(
                    f"examples.{index}.box: expected a box around something, got one in which the segmenter "
                    "finds nothing",
                    {"example_index": index},
                )
        return replace(found, key=(found.key, tuple(one.key for one in prompts)), regions=regions)

    def _appearance(
        self, photo: Photo, found: FoundMasks, encoder: DualEncoder, progress: Progress
    ) -> Appearance:
        image_vectors = self._labels.region_vectors(photo, found, progress)
        labels = self._labels.probabilities(image_vectors, self._vocabulary, progress)[:, :-1]
        return Appearance(
            drop_naming_dims(image_vectors.vectors, encoder.naming_dims),
            labels / labels.sum(axis=1, keepdims=True),
        )


def _as_region(mask: Rle) -> Region:
    """Return a mask that was sent as the region that it is."""
    x, y, width, height = (int(value) for value in coco.toBbox(coco_rle(mask)))
    return Region(mask, (x, y, width, height), rle_area(mask), 1.0, 1.0)


def _of_label(examples: FoundMasks, wanted: NDArray[np.bool_]) -> Iterator[Region]:
    return (region for region, taken in zip(examples.regions, wanted, strict=True) if taken)


def _instances(
    regions: Sequence[Region], confidence: Floats, given: int, refused: Sequence[Region]
) -> list[int]:
    """Return the indices of the regions to answer, best first: one region for each instance.

    Of two regions that overlap much, or of which one contains the other, the more probable one is kept.

    Args:
        regions: The regions.
        confidence: float32 [N], the probability of each.
        given: Number of regions, the first ones, that are examples; they are kept unless two are one region.
        refused: Regions that are negative examples, which are not answered.
    """
    codes, unwanted = [coco_rle(region.rle) for region in regions], [coco_rle(one.rle) for one in refused]
    kept: list[int] = []
    for index in np.argsort(-confidence, kind="stable").tolist():
        if confidence[index] < LEAST_MATCH:
            break
        code, others = codes[index], [codes[other] for other in kept]
        if index < given:
            repeated = _is_same(code, others)
        else:
            repeated = _is_same(code, [*unwanted, *others]) or _is_nested(code, others)
        if not repeated:
            kept.append(index)
    return kept


def _is_same(code: dict[str, object], others: Sequence[dict[str, object]]) -> bool:
    return bool(others) and bool(coco.iou([code], others, [0] * len(others)).max() > SAME_IOU)


def _is_nested(code: dict[str, object], others: Sequence[dict[str, object]]) -> bool:
    """Return whether a mask lies in one of the others, or contains one."""
    if not others:
        return False
    inside, around = coco.iou([code], others, [1] * len(others)), coco.iou(others, [code], [1])
    return bool(max(inside.max(), around.max()) > NESTED_FRACTION)
