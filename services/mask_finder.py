"""Finds the regions of a photograph: encode, decode prompts, filter, deduplicate, choose, refine."""

import math
from dataclasses import dataclass

from domain.geometry import grid_prompts
from domain.ports import Cache, ModelProvider, Segmenter, WorkerPool
from domain.types import Candidates, Embedding, ModelInfo, Prompt, Region, Rgb, SegmenterDefaults
from services.bitmasks import pack
from services.dedupe import distinct
from services.options import Grid, MaskOptions
from services.progress import Progress
from services.prompts import check_inside
from services.proposals import Filter, propose
from services.refine import refine
from services.selection import cover

MIN_AREA_FRACTION = 0.0005
"""Least area of a grid region as a share of the image, where the caller sets none."""

MAX_AREA_FRACTION = 0.95
"""A grid region beyond it is the picture itself, not something in it."""

LOW_RESOLUTION_SLACK = 0.8
"""Areas measured at low resolution are rounded: they only have to come this near to `min_area`."""


@dataclass(frozen=True)
class FoundMasks:
    """Regions, best first, and the model that found them."""

    regions: tuple[Region, ...]
    segmenter: ModelInfo


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
        keep, min_area = _limits(options, segmenter.defaults, width * height)
        embedding = self._encode(segmenter, rgb, key, progress)
        with progress.stage("decode"):
            candidates = self._decode(segmenter, embedding, options, keep, progress)
        with progress.stage("refine"):
            found = refine(candidates, width, height, min_area)
        progress.step("masks", len(found), len(found), f"{len(found)} masks")
        return FoundMasks(tuple(found), segmenter.info)

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
    ) -> Candidates:
        if isinstance(options.prompt, Prompt):
            found = segmenter.decode(embedding, [options.prompt], keep.quality)
            return keep.apply(found).first(options.max_masks)
        prompts = grid_prompts(embedding.width, embedding.height, options.prompt.points_per_side)
        progress.step("decode", 0, len(prompts), f"{len(prompts)} grid points, {self._pool.workers} workers")
        proposals = propose(segmenter, embedding, prompts, self._pool, keep)
        return _best(proposals, options.max_masks)


def _limits(options: MaskOptions, defaults: SegmenterDefaults, pixels: int) -> tuple[Filter, int]:
    """What candidates must reach at low resolution, and the least area of a region in pixels."""
    if isinstance(options.prompt, Grid):
        quality, stability, most = defaults.quality_threshold, defaults.stability_threshold, MAX_AREA_FRACTION
        min_area = math.ceil(MIN_AREA_FRACTION * pixels)
    else:
        quality, stability, most, min_area = 0.0, 0.0, 1.0, 1
    quality = quality if options.quality_threshold is None else options.quality_threshold
    stability = stability if options.stability_threshold is None else options.stability_threshold
    min_area = min_area if options.min_area is None else options.min_area
    return Filter(quality, stability, LOW_RESOLUTION_SLACK * min_area / pixels, most), min_area


def _best(proposals: Candidates, limit: int) -> Candidates:
    bits = pack(proposals.logits)
    kept = distinct(bits, proposals.quality)
    return proposals.take(kept[cover(bits[kept], proposals.quality[kept], limit)])
