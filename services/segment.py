"""The main job: a photograph and options in, named regions and an overlay out."""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from domain.errors import ModelUnavailable, ServiceError
from domain.ports import DualEncoder, ModelProvider
from domain.types import ModelInfo, Naming, Region, Rgb
from services.images import ImageService
from services.mask_finder import MaskFinder
from services.naming import NAMELESS, check_view, name_regions
from services.options import NamingOptions, SegmentOptions
from services.overlay import OverlayItem, draw_overlay
from services.progress import Progress
from services.text_vectors import TextVectors

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Names:
    """What the labeller made of the regions.

    Attributes:
        namings: One for each region.
        labeller: Which model; None when none worked or none was asked.
        error: Why there are no names although they were asked for.
    """

    namings: Sequence[Naming]
    labeller: ModelInfo | None = None
    error: str | None = None


@dataclass(frozen=True)
class SegmentResult:
    """The answer, before it is put into JSON.

    Attributes:
        regions: Best first.
        names: One naming for each region, and who gave them.
        segmenter: Which model found the regions.
        overlay: The photograph with regions drawn on it, uint8 [H, W, 3]; None when not asked for.
        width: Pixels of the upright photograph.
        height: Pixels of the upright photograph.
    """

    regions: Sequence[Region]
    names: Names
    segmenter: ModelInfo
    overlay: Rgb | None
    width: int
    height: int


Listener = Callable[[SegmentResult], None]
"""Called with the regions as soon as they are known: nameless, no overlay."""


def nobody(_found: SegmentResult) -> None:
    """The listener of callers who wait for the names."""


class SegmentService:
    """Segments, names and draws.

    Args:
        images: The stored photographs.
        finder: Finds regions.
        labeller: Names them.
        texts: Encoded vocabularies.
        font: TrueType font of the overlay; None: the bundled one.
    """

    def __init__(
        self,
        images: ImageService,
        finder: MaskFinder,
        labeller: ModelProvider[DualEncoder],
        texts: TextVectors,
        font: Path | None = None,
    ) -> None:
        self._images = images
        self._finder = finder
        self._labeller = labeller
        self._texts = texts
        self._font = font

    def segment(
        self, file_id: str, options: SegmentOptions, progress: Progress, listener: Listener = nobody
    ) -> SegmentResult:
        """Segment a stored photograph.

        Raises:
            NotFound: There is no such photograph.
            InvalidRequest: The prompt lies outside it.
            ModelUnavailable: There is no segmenter.
        """
        with progress.stage("load"):
            rgb = self._images.rgb(file_id)
        return self.segment_rgb(rgb, file_id, options, progress, listener)

    def segment_rgb(
        self,
        rgb: Rgb,
        key: str,
        options: SegmentOptions,
        progress: Progress,
        listener: Listener = nobody,
    ) -> SegmentResult:
        """Segment an upright photograph at hand; `key` names it in the cache of encoded images.

        Raises:
            InvalidRequest: The prompt lies outside it, or the labeller has no such view.
            ModelUnavailable: There is no segmenter.
        """
        self._check_view(options.naming)
        found = self._finder.find(rgb, key, options.masks, progress)
        height, width = rgb.shape[:2]
        nameless = Names([NAMELESS] * len(found.regions))
        listener(SegmentResult(found.regions, nameless, found.segmenter, None, width, height))
        with progress.stage("classify"):
            names = self._name(rgb, found.regions, options.naming, progress)
        with progress.stage("overlay"):
            overlay = self._draw(rgb, found.regions, names) if options.overlay else None
        return SegmentResult(found.regions, names, found.segmenter, overlay, width, height)

    def _check_view(self, options: NamingOptions | None) -> None:
        """Refuse a view before anything is computed; that there is no labeller is told with the masks."""
        if options is not None and options.view is not None:
            with suppress(ModelUnavailable):
                check_view(options.view, self._labeller.get())

    def _name(
        self, rgb: Rgb, regions: Sequence[Region], options: NamingOptions | None, progress: Progress
    ) -> Names:
        if options is None:
            return Names([NAMELESS] * len(regions))
        try:
            encoder = self._labeller.get()
        except ServiceError as error:
            logger.warning("no labeller, regions stay nameless: %s", error.message)
            return Names([NAMELESS] * len(regions), error=error.message)
        namings = name_regions(rgb, regions, encoder, self._texts, options, progress)
        return Names(namings, encoder.info)

    def _draw(self, rgb: Rgb, regions: Sequence[Region], names: Names) -> Rgb:
        items = [
            OverlayItem(
                region.rle,
                region.xywh,
                naming.chosen.label if names.labeller else "",
                naming.chosen.confidence,
            )
            for region, naming in zip(regions, names.namings, strict=True)
        ]
        return draw_overlay(rgb, items, self._font)
