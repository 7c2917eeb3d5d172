"""Use case: everything that is known of a photograph, in one pass."""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TypeVar

from domain.errors import ModelUnavailable
from domain.labels import LabelPrediction
from domain.ports.compute import WorkerPool
from services.analyze.parents import find_parents
from services.analyze.regions import RegionAttributes, depth_ranks, region_attributes
from services.depth import DepthResult, DepthService
from services.images.photo import Photo
from services.labels.confidence import choose_label
from services.labels.service import LabelService
from services.progress import Progress
from services.segment import RegionsListener, SegmentOptions, SegmentResult, SegmentService, ignore_regions
from services.text.service import TextOptions, TextResult, TextService

logger = logging.getLogger(__name__)

MIN_IMAGE_LABELS = 5
"""Names of the whole photograph that are told at least, where the vocabulary has so many."""

R = TypeVar("R")


@dataclass(frozen=True)
class AnalyzeOptions:
    """One analysis.

    Attributes:
        segment: Regions, names and overlay.
        depth: Whether to estimate depth.
        text: How to read text; None reads none.
        colors: Whether to tell the colours of regions.
    """

    segment: SegmentOptions
    depth: bool = True
    text: TextOptions | None = field(default_factory=TextOptions)
    colors: bool = True


@dataclass(frozen=True)
class AnalyzeResult:
    """The answer, before it is put into JSON.

    Attributes:
        segment: Regions, names and overlay.
        facts: What else is known of each region.
        ranks: Of each region from front to back, 1 is the nearest; None without depth.
        parents: For each region the one that it lies in.
        image: Names of the whole photograph; None where nobody asked, or no labeller works.
        depth: None where it was not asked for or could not be had.
        text: Likewise.
        errors: Why something could not be had although it was asked for, by the job of the model.
    """

    segment: SegmentResult
    facts: Sequence[RegionAttributes]
    ranks: Sequence[int] | None
    parents: Sequence[int | None]
    image: LabelPrediction | None
    depth: DepthResult | None
    text: TextResult | None
    errors: Mapping[str, str]


class AnalyzeService:
    """Joins what the other services find out. Holds no request state: many threads share it.

    Args:
        segment: Finds and names regions.
        labelling: Names the whole photograph.
        depth: Estimates depth.
        text: Reads text.
        pool: Looks at regions side by side.
    """

    def __init__(
        self,
        segment: SegmentService,
        labelling: LabelService,
        depth: DepthService,
        text: TextService,
        pool: WorkerPool,
    ) -> None:
        self._segment = segment
        self._labelling = labelling
        self._depth = depth
        self._text = text
        self._pool = pool

    def check(self, photo: Photo, options: SegmentOptions) -> None:
        """Refuse at once what cannot be done with a photograph.

        Raises:
            InvalidRequest: The prompt lies outside it, or the labeller has no such view.
        """
        self._segment.check(photo, options)

    def analyze(
        self,
        photo: Photo,
        options: AnalyzeOptions,
        progress: Progress,
        listener: RegionsListener = ignore_regions,
    ) -> AnalyzeResult:
        """Everything that is known of a photograph; without depth or text where their models do not work.

        Raises:
            InvalidRequest: The prompt lies outside it, or the labeller has no such view.
            ModelUnavailable: There is no segmenter.
        """
        segment = self._segment.segment(photo, options.segment, progress, listener)
        listener(segment)
        image = self._name(photo, options.segment, progress)
        errors: dict[str, str] = {}
        depth = _attempt("depth", errors, lambda: self._find_depth(photo, options, progress))
        text = _attempt("text", errors, lambda: self._read(photo, options, progress))
        with progress.stage("join"):
            facts = region_attributes(
                segment.regions,
                None if depth is None else depth.depth,
                None if text is None else text.lines,
                photo.rgb(progress) if options.colors else None,
                self._pool,
                progress.check,
            )
            known = [one.depth for one in facts if one.depth is not None]
            ranks = None if depth is None else depth_ranks(depth.depth, known)
            parent_indices = find_parents(segment.regions)
        return AnalyzeResult(segment, facts, ranks, parent_indices, image, depth, text, errors)

    def _name(self, photo: Photo, options: SegmentOptions, progress: Progress) -> LabelPrediction | None:
        """What the whole photograph is called."""
        if options.naming is None:
            return None
        naming = replace(options.naming, top_k=max(MIN_IMAGE_LABELS, options.naming.top_k))
        with suppress(ModelUnavailable):  # `segment.names` says why.
            return choose_label(
                self._labelling.image_probabilities(photo, naming.vocabulary, progress), naming
            )
        return None

    def _find_depth(self, photo: Photo, options: AnalyzeOptions, progress: Progress) -> DepthResult | None:
        return self._depth.estimate(photo, progress) if options.depth else None

    def _read(self, photo: Photo, options: AnalyzeOptions, progress: Progress) -> TextResult | None:
        return self._text.read(photo, options.text, progress) if options.text else None


def _attempt(model: str, errors: dict[str, str], find: Callable[[], R | None]) -> R | None:
    """What is found; None, and the reason under `model`, where its model cannot be had."""
    try:
        return find()
    except ModelUnavailable as error:
        logger.warning("no %s: %s", model, error.message)
        errors[model] = error.message
        return None
