"""Finds the masks of an image: encodes it, decodes prompts, filters, removes duplicates, selects and refines.

For a grid, this is what SAM's automatic mask generator does.
"""

from collections.abc import Hashable

import numpy as np

from domain.batches import batched
from domain.masks import Embedding, FoundMasks, Prompt, PromptList, Region
from domain.ports.compute import Decoder, WorkerPool
from domain.ports.models import ModelProvider, Segmenter
from domain.ports.stores import Cache
from services.images.photo import Photo
from services.masks.candidates import CroppedCandidates
from services.masks.crops import find_in_crops
from services.masks.grid import GridMaskGenerator
from services.masks.nms import SelectCandidates, mask_selector
from services.masks.options import MaskOptions, PointGrid, ResolvedMaskOptions
from services.masks.prompts import best_of_each_prompt, check_prompts_inside, empty_region
from services.masks.refine import refine_masks
from services.progress import Progress


class MaskFinder:
    """Finds masks with the segmenter that the provider gives. It holds no request state.

    Args:
        provider: Provides the segmenter.
        decoder: Decodes batches of prompts.
        pool: Filters and refines masks in parallel.
        embeddings: Cache of embeddings.
        results: Cache of found masks.
    """

    def __init__(
        self,
        provider: ModelProvider[Segmenter],
        decoder: Decoder,
        pool: WorkerPool,
        embeddings: Cache,
        results: Cache,
    ) -> None:
        self._provider = provider
        self._decoder = decoder
        self._pool = pool
        self._embeddings = embeddings
        self._results = results

    def find(self, photo: Photo, options: MaskOptions, progress: Progress) -> FoundMasks:
        """Return the regions of the image: best first, or one for each of several prompts.

        Raises:
            InvalidRequest: A prompt lies outside the image.
            ModelUnavailable: The segmenter is not available.
        """
        segmenter, prompt = self._provider.get(), options.prompt
        if not isinstance(prompt, PointGrid):
            check_prompts_inside(prompt, photo.width, photo.height)
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
        prompt = resolved.prompt
        if isinstance(prompt, PointGrid) and photo.shows_nothing(progress):
            progress.step("masks", 0, 0, "0 masks, the image shows nothing")
            return FoundMasks(key, (), segmenter.info, 0)
        if isinstance(prompt, PointGrid):
            regions, prompts = self._find_by_grid(photo, segmenter, prompt, resolved, progress)
        else:
            regions, prompts = self._find_by_prompts(photo, segmenter, prompt, resolved, progress)
        count = len(regions)
        progress.step("masks", count, count, f"{count} masks, {prompts} prompts decoded")
        return FoundMasks(key, tuple(regions), segmenter.info, prompts, isinstance(prompt, PromptList))

    def _find_by_grid(
        self,
        photo: Photo,
        segmenter: Segmenter,
        grid: PointGrid,
        resolved: ResolvedMaskOptions,
        progress: Progress,
    ) -> tuple[list[Region], int]:
        """Return the regions of a grid, best first, and the number of prompts that were decoded."""

        def search(
            part: Photo,
            grid: PointGrid,
            options: ResolvedMaskOptions,
            keep: SelectCandidates,
            progress: Progress,
        ) -> tuple[list[Region], int]:
            # Embeddings of crops are used once, and would drive those of whole images out of the cache.
            embedding = self._encode(segmenter, part, progress, cached=part is photo)
            with progress.stage("decode"):
                found, prompts = self._decode_grid(segmenter, embedding, grid, options, keep, progress)
            refined = self._refine(found, part, options, progress)
            return [region for region in refined if region], prompts

        if grid.crops.layers:
            return find_in_crops(photo, grid, resolved, search, progress)
        return search(photo, grid, resolved, lambda found: found, progress)

    def _find_by_prompts(
        self,
        photo: Photo,
        segmenter: Segmenter,
        prompt: Prompt | PromptList,
        resolved: ResolvedMaskOptions,
        progress: Progress,
    ) -> tuple[list[Region], int]:
        """Return the regions of one prompt, best first, or one of each of several, and how many prompts."""
        embedding = self._encode(segmenter, photo, progress)
        with progress.stage("decode"):
            found = self._decode_prompts(segmenter, embedding, prompt, resolved, progress)
        refined = self._refine(found, photo, resolved, progress)
        if isinstance(prompt, PromptList):
            empty = empty_region(photo.width, photo.height)
            return [region or empty for region in refined], len(prompt.prompts)
        return [region for region in refined if region], 1

    def _encode(
        self, segmenter: Segmenter, photo: Photo, progress: Progress, cached: bool = True
    ) -> Embedding:
        def encode() -> Embedding:
            with progress.stage("encode"):
                return segmenter.encode(photo.rgb(progress))

        key = (photo.key, segmenter.info.sha256)
        return self._embeddings.get_or_compute(key, encode, progress.check) if cached else encode()

    def _decode_grid(
        self,
        segmenter: Segmenter,
        embedding: Embedding,
        grid: PointGrid,
        resolved: ResolvedMaskOptions,
        keep: SelectCandidates,
        progress: Progress,
    ) -> tuple[CroppedCandidates, int]:
        """Return the candidates to answer among those of `keep`, best first, and the number of prompts."""
        selector = mask_selector(grid.deduplication, embedding.width, embedding.height, resolved.max_masks)
        generator = GridMaskGenerator(
            self._decoder,
            segmenter.defaults,
            embedding,
            self._pool,
            resolved.candidate_filter,
            lambda found: selector.suppress(keep(found)),
            progress,
        )
        found, prompts = generator.generate(grid)
        return selector.answer(keep(found)), prompts

    def _decode_prompts(
        self,
        segmenter: Segmenter,
        embedding: Embedding,
        prompt: Prompt | PromptList,
        resolved: ResolvedMaskOptions,
        progress: Progress,
    ) -> CroppedCandidates:
        """Return the candidates to answer: of one prompt the best, of several prompts one each."""
        if isinstance(prompt, Prompt):
            (answer,) = self._decoder.decode_all(embedding, [[prompt]], resolved.candidate_filter.quality)
            found = resolved.candidate_filter.apply(answer, embedding.width, embedding.height)
            return found.take(np.arange(min(resolved.max_masks, len(found))))
        batches = batched(prompt.prompts, segmenter.defaults.prompts_per_batch)
        return best_of_each_prompt(self._decoder.decode_all(embedding, batches, 0.0, progress.check))

    def _refine(
        self, found: CroppedCandidates, photo: Photo, resolved: ResolvedMaskOptions, progress: Progress
    ) -> list[Region | None]:
        with progress.stage("refine"):
            return refine_masks(
                found, photo.width, photo.height, resolved.refine_options, self._pool, progress.check
            )
