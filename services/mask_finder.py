"""Finds the regions of a photograph: encode, decode prompts, filter, deduplicate, choose, refine."""

import math
from dataclasses import dataclass

import numpy as np

from domain.ports import Cache, ModelProvider, Segmenter, WorkerPool
from domain.types import Embedding, ModelInfo, Prompt, Region, Rgb, SegmenterDefaults
from services.choosing import chooser
from services.grid_search import GridSearch
from services.options import Grid, MaskOptions
from services.progress import Progress
from services.prompts import check_inside
from services.proposals import Filter
from services.refine import Finish, refine
from services.shortlist import Shortlist

MIN_AREA_FRACTION = 0.0005
"""Least area of a grid region as a share of the image, where the caller sets none."""

MAX_AREA_FRACTION = 0.95
"""A grid region beyond it is the picture itself, not something in it."""

LOW_RESOLUTION_SLACK = 0.8
"""Areas measured at low resolution are rounded: they only have to come this near to `min_area`."""

BORDER = 2 / 256
"""Likewise for `max_area`: how far off an area at low resolution may be, as a share of its square root."""


@dataclass(frozen=True)
class FoundMasks:
    """Regions, and how they were found.

    Attributes:
        regions: Best first.
        segmenter: The model that found them.
        prompts: How many prompts it decoded.
    """

    regions: tuple[Region, ...]
    segmenter: ModelInfo
    prompts: int = 1


class MaskFinder:
    """Finds regions with whatever segmenter the provider gives.

    Args:
        provider: The segmenter.
        pool: Runs batches of prompts.
        embeddings: Keeps encoded images.
    """

    def __init__(self, provider: ModelProvider[Segmenter], pool: WorkerPool, embeddings: Cache) -> None:
        self._provider = provider
        self._pool = pool
        self._embeddings = embeddings

    def find(self, rgb: Rgb, key: str, options: MaskOptions, progress: Progress) -> FoundMasks:
        """Regions of the upright photograph `rgb`; `key` names it in the cache of encoded images.

        Raises:
            InvalidRequest: The prompt lies outside the photograph.
            ModelUnavailable: There is no segmenter.
        """
        segmenter = self._provider.get()
        height, width = rgb.shape[:2]
        if isinstance(options.prompt, Prompt):
            check_inside(options.prompt, width, height)
        keep, finish = _limits(options, segmenter.defaults, width * height)
        embedding = self._encode(segmenter, rgb, key, progress)
        with progress.stage("decode"):
            found, prompts = self._decode(segmenter, embedding, options, keep, progress)
        with progress.stage("refine"):
            regions = refine(found, width, height, finish, progress.check)
        progress.step("masks", len(regions), len(regions), f"{len(regions)} masks, {prompts} prompts decoded")
        return FoundMasks(tuple(regions), segmenter.info, prompts)

    def _encode(self, segmenter: Segmenter, rgb: Rgb, key: str, progress: Progress) -> Embedding:
        with progress.stage("encode"):
            return self._embeddings.get_or_compute(
                f"{key}:{segmenter.info.sha256}", lambda: segmenter.encode(rgb)
            )

    def _decode(
        self,
        segmenter: Segmenter,
        embedding: Embedding,
        options: MaskOptions,
        keep: Filter,
        progress: Progress,
    ) -> tuple[Shortlist, int]:
        """The candidates to answer with, best first, and the number of prompts decoded."""
        if isinstance(options.prompt, Prompt):
            answer = segmenter.decode(embedding, [options.prompt], keep.quality)
            found = keep.apply(answer, embedding.width, embedding.height)
            return found.take(np.arange(min(options.max_masks, len(found)))), 1
        choose = chooser(options.prompt.deduplication, embedding.width, embedding.height, options.max_masks)
        search = GridSearch(segmenter, embedding, self._pool, keep, choose.thin, progress)
        found, prompts = search.run(options.prompt)
        return choose.answer(found), prompts


def _limits(options: MaskOptions, defaults: SegmenterDefaults, pixels: int) -> tuple[Filter, Finish]:
    """What candidates must reach at low resolution, and regions at full size."""
    quality = stability = 0.0
    min_area, max_area, repeats = 1, pixels, True
    if isinstance(options.prompt, Grid):
        quality, stability = defaults.quality_threshold, defaults.stability_threshold
        min_area, max_area = math.ceil(MIN_AREA_FRACTION * pixels), int(MAX_AREA_FRACTION * pixels)
        repeats = options.prompt.deduplication == "none"
    quality = quality if options.quality_threshold is None else options.quality_threshold
    stability = stability if options.stability_threshold is None else options.stability_threshold
    min_area = min_area if options.min_area is None else options.min_area
    max_area = max_area if options.max_area is None else options.max_area
    least, most = LOW_RESOLUTION_SLACK * min_area / pixels, max_area / pixels
    keep = Filter(quality, stability, least, most + BORDER * math.sqrt(most), repeats)
    return keep, Finish(min_area, max_area, options.clean)
