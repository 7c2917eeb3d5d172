"""Finds the regions of a photograph: encode, decode prompts, filter, deduplicate, choose, refine."""

from collections.abc import Hashable

import numpy as np

from domain.masks import Embedding, FoundMasks, Prompt
from domain.ports.compute import WorkerPool
from domain.ports.models import ModelProvider, Segmenter
from domain.ports.stores import Cache
from services.images.photo import Photo
from services.masks.candidates import CroppedCandidates
from services.masks.grid import GridMaskGenerator
from services.masks.nms import mask_selector
from services.masks.options import MaskOptions, ResolvedMaskOptions
from services.masks.prompts import check_prompt_inside
from services.masks.refine import refine_masks
from services.progress import Progress


class MaskFinder:
    """Finds regions with whatever segmenter the provider gives.

    Args:
        provider: The segmenter.
        pool: Runs batches of prompts.
        embeddings: Keeps encoded images.
        results: Keeps what was found.
    """

    def __init__(
        self, provider: ModelProvider[Segmenter], pool: WorkerPool, embeddings: Cache, results: Cache
    ) -> None:
        self._provider = provider
        self._pool = pool
        self._embeddings = embeddings
        self._results = results

    def find(self, photo: Photo, options: MaskOptions, progress: Progress) -> FoundMasks:
        """Regions of the photograph.

        Raises:
            InvalidRequest: The prompt lies outside the photograph.
            ModelUnavailable: There is no segmenter.
        """
        segmenter, prompt = self._provider.get(), options.prompt
        if isinstance(prompt, Prompt):
            check_prompt_inside(prompt, photo.width, photo.height)
        resolved = ResolvedMaskOptions.of(options, segmenter.defaults, photo.width * photo.height)
        key = (photo.key, segmenter.info.sha256, resolved.key)
        return self._results.get_or_compute(
            ("masks", key), lambda: self._find(photo, segmenter, resolved, key, progress), progress.check
        )

    def _find(
        self,
        photo: Photo,
        segmenter: Segmenter,
        resolved: ResolvedMaskOptions,
        key: Hashable,
        progress: Progress,
    ) -> FoundMasks:
        embedding = self._encode(segmenter, photo, progress)
        with progress.stage("decode"):
            found, prompts = self._decode(segmenter, embedding, resolved, progress)
        with progress.stage("refine"):
            regions = refine_masks(
                found, photo.width, photo.height, resolved.refine_options, self._pool, progress.check
            )
        count = len(regions)
        progress.step("masks", count, count, f"{count} masks, {prompts} prompts decoded")
        return FoundMasks(key, tuple(regions), segmenter.info, prompts)

    def _encode(self, segmenter: Segmenter, photo: Photo, progress: Progress) -> Embedding:
        def encode() -> Embedding:
            with progress.stage("encode"):
                return segmenter.encode(photo.rgb(progress))

        key = (photo.key, segmenter.info.sha256)
        return self._embeddings.get_or_compute(key, encode, progress.check)

    def _decode(
        self, segmenter: Segmenter, embedding: Embedding, resolved: ResolvedMaskOptions, progress: Progress
    ) -> tuple[CroppedCandidates, int]:
        """The candidates to answer with, best first, and the number of prompts decoded."""
        width, height, prompt = embedding.width, embedding.height, resolved.prompt
        if isinstance(prompt, Prompt):
            answer = segmenter.decode(embedding, [prompt], resolved.candidate_filter.quality)
            found = resolved.candidate_filter.apply(answer, width, height)
            return found.take(np.arange(min(resolved.max_masks, len(found)))), 1
        choose = mask_selector(prompt.deduplication, width, height, resolved.max_masks)
        search = GridMaskGenerator(
            segmenter, embedding, self._pool, resolved.candidate_filter, choose.suppress, progress
        )
        found, prompts = search.generate(prompt)
        return choose.answer(found), prompts
