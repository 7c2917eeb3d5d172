"""Finds the masks of an image: encodes it, decodes prompts, filters, removes duplicates, selects and refines.

For a grid, this is what SAM's automatic mask generator does.
"""

from collections.abc import Hashable

import numpy as np

from domain.masks import Embedding, FoundMasks, Prompt
from domain.models import SegmenterDefaults
from domain.ports.compute import Decoder, WorkerPool
from domain.ports.models import ModelProvider, Segmenter
from domain.ports.stores import Cache
from services.images.content import shows_nothing
from services.images.photo import Photo
from services.masks.candidates import CroppedCandidates
from services.masks.grid import GridMaskGenerator
from services.masks.nms import mask_selector
from services.masks.options import MaskOptions, PointGrid, ResolvedMaskOptions
from services.masks.prompts import check_prompt_inside
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
        """Return the regions of the image, best first.

        Raises:
            InvalidRequest: The prompt lies outside the image.
            ModelUnavailable: The segmenter is not available.
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
        if isinstance(resolved.prompt, PointGrid) and shows_nothing(photo.rgb(progress)):
            progress.step("masks", 0, 0, "0 masks, the image shows nothing")
            return FoundMasks(key, (), segmenter.info, 0)
        embedding = self._encode(segmenter, photo, progress)
        with progress.stage("decode"):
            found, prompts = self._decode(segmenter.defaults, embedding, resolved, progress)
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
        self,
        defaults: SegmenterDefaults,
        embedding: Embedding,
        resolved: ResolvedMaskOptions,
        progress: Progress,
    ) -> tuple[CroppedCandidates, int]:
        """Return the candidates to answer, best first, and the number of prompts that were decoded."""
        width, height, prompt = embedding.width, embedding.height, resolved.prompt
        if isinstance(prompt, Prompt):
            (answer,) = self._decoder.decode_all(embedding, [[prompt]], resolved.candidate_filter.quality)
            found = resolved.candidate_filter.apply(answer, width, height)
            return found.take(np.arange(min(resolved.max_masks, len(found)))), 1
        selector = mask_selector(prompt.deduplication, width, height, resolved.max_masks)
        generator = GridMaskGenerator(
            self._decoder,
            defaults,
            embedding,
            self._pool,
            resolved.candidate_filter,
            selector.suppress,
            progress,
        )
        found, prompts = generator.generate(prompt)
        return selector.answer(found), prompts
