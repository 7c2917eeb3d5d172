"""Analyze an image in one pass: segment, label, estimate depth, read text and relate the results."""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TypeVar

from domain.errors import ModelUnavailable
from domain.labels import LabelPrediction
from domain.ports.compute import WorkerPool
from services.analyze.regions import RegionAttributes, depth_ranks, region_attributes
from services.depth import DepthResult, DepthService
from services.images.photo import Photo
from services.labels.confidence import choose_label
from services.labels.service import LabelService
from services.masks.nesting import Nesting
from services.progress import Progress, ignore
from services.segment import RegionsListener, SegmentOptions, SegmentResult, SegmentService
from services.text.service import TextOptions, TextResult, TextService

logger = logging.getLogger(__name__)

MIN_IMAGE_LABELS = 5
"""Minimum number of labels returned for the whole image, if the vocabulary has that many."""

R = TypeVar("R")


@dataclass(frozen=True)
class AnalyzeOptions:
    """Options of an analysis.

    Attributes:
        segment: Options of segmentation, labels and overlay.
        depth: Estimate depth.
        text: Options of text recognition; None reads no text.
        colors: Return the colours of regions.
    """

    segment: SegmentOptions
    depth: bool = True
    text: TextOptions | None = field(default_factory=TextOptions)
    colors: bool = True


@dataclass(frozen=True, kw_only=True)
class AnalyzeResult:
    """The result of an analysis.

    Attributes:
        segment: Regions, labels and overlay.
        facts: Depth, lines of text and colours of each region.
        ranks: Rank of each region from front to back, 1 is the nearest; None without depth.
        parents: Index of the parent of each region; None for a region in no other one.
        image: Labels of the whole image; None where they were not requested or no labeller is available.
        depth: Depth of the image; None where it was not requested or its model is unavailable.
        text: Text of the image; None where it was not requested or its model is unavailable.
        errors: The reason for each requested result that is missing, by the role of its model.
    """

    segment: SegmentResult
    facts: Sequence[RegionAttributes]
    ranks: Sequence[int | None] | None
    parents: Sequence[int | None]
    image: LabelPrediction | None
    depth: DepthResult | None
    text: TextResult | None
    errors: Mapping[str, str]


class AnalyzeService:
    """Combines the results of other services. It is stateless and shared by threads.

    Args:
        segment: Finds and labels regions.
        labels: Labels the whole image.
        depth: Estimates depth.
        text: Reads text.
        pool: Processes regions in parallel.
    """

    def __init__(
        self,
        *,
        segment: SegmentService,
        labels: LabelService,
        depth: DepthService,
        text: TextService,
        pool: WorkerPool,
    ) -> None:
        self._segment = segment
        self._labels = labels
        self._depth = depth
        self._text = text
        self._pool = pool

    def check(self, photo: Photo, options: SegmentOptions) -> None:
        """Refuse options that cannot be used with an image before anything is computed.

        Raises:
            InvalidRequest: The prompt lies outside the image, or the labeller does not offer the view.
        """
        self._segment.check(photo, options)

    def analyze(
        self,
        photo: Photo,
        options: AnalyzeOptions,
        progress: Progress,
        listener: RegionsListener = ignore,
    ) -> AnalyzeResult:
        """Analyze an image; depth or text is left out where its model is unavailable.

        Args:
            photo: The image.
            options: Options of the analysis.
            progress: Receives the stages.
            listener: Called with the regions before depth and text are known.

        Raises:
            InvalidRequest: The prompt lies outside the image, or the labeller does not offer the view.
            ModelUnavailable: There is no segmenter.
        """
        segment = self._segment.segment(photo, options.segment, progress, listener)
        listener(segment)
        image = self._label_image(photo, options.segment, progress)
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
            ranks = None if depth is None else depth_ranks(depth.depth, [one.depth for one in facts])
            parents = Nesting.of(segment.regions).parents
        return AnalyzeResult(
            segment=segment,
            facts=facts,
            ranks=ranks,
            parents=parents,
            image=image,
            depth=depth,
            text=text,
            errors=errors,
        )

    def _label_image(
        self, photo: Photo, options: SegmentOptions, progress: Progress
    ) -> LabelPrediction | None:
        """Return the labels of the whole image, or None."""
        if options.labels is None:
            return None
        label_options = replace(options.labels, top_k=max(MIN_IMAGE_LABELS, options.labels.top_k))
        with suppress(ModelUnavailable):  # The labels of the regions carry the reason.
            return choose_label(
                self._labels.image_probabilities(photo, label_options.vocabulary, progress), label_options
            )
        return None

    def _find_depth(self, photo: Photo, options: AnalyzeOptions, progress: Progress) -> DepthResult | None:
        return self._depth.estimate(photo, progress) if options.depth else None

    def _read(self, photo: Photo, options: AnalyzeOptions, progress: Progress) -> TextResult | None:
        return self._text.read(photo, options.text, progress) if options.text else None


def _attempt(model: str, errors: dict[str, str], find: Callable[[], R | None]) -> R | None:
    """Return what `find` returns, or None if the model is unavailable; `errors` then has the reason."""
    try:
        return find()
    except ModelUnavailable as error:
        logger.warning("the %s model is unavailable: %s", model, error.message)
        errors[model] = error.message
        return None
