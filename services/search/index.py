"""Puts photographs and their regions into the index."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from domain.arrays import Floats
from domain.errors import NotFound
from domain.index import IndexCounts, IndexedPhoto, IndexedRegion
from domain.labels import LabelPrediction
from domain.masks import Region
from domain.models import ModelInfo
from domain.ports.stores import VectorIndex
from services.images.photo import Photo
from services.images.upload import ImageService
from services.labels.confidence import LabelOptions
from services.labels.service import LabelService
from services.masks.find import MaskFinder
from services.masks.options import MaskOptions
from services.progress import Progress
from services.search.space import EmbeddingSpace

EXPIRY_CHECKS_PER_ADD = 8
"""So many of the oldest photographs are asked for with each one that comes: those that expired leave."""


@dataclass(frozen=True)
class IndexOptions:
    """What is indexed of a photograph.

    Attributes:
        masks: Which regions; None: the whole photograph only.
        naming: How they are named.
    """

    masks: MaskOptions | None
    naming: LabelOptions


@dataclass(frozen=True)
class IndexResult:
    """What was indexed of a photograph.

    Attributes:
        regions: How many.
        labeller: Whose vectors they are.
        segmenter: Who found the regions; None where they were not asked for.
    """

    regions: int
    labeller: ModelInfo
    segmenter: ModelInfo | None


class IndexService:
    """Keeps the index. Holds no request state: many threads share it.

    Args:
        images: Where the photographs are.
        finder: Finds regions.
        labelling: Names them.
        space: Gives vectors.
        index: Keeps them.
    """

    def __init__(
        self,
        images: ImageService,
        finder: MaskFinder,
        labelling: LabelService,
        space: EmbeddingSpace,
        index: VectorIndex,
    ) -> None:
        self._images = images
        self._finder = finder
        self._labelling = labelling
        self._space = space
        self._index = index

    def add(self, photo: Photo, options: IndexOptions, progress: Progress) -> IndexResult:
        """Index a stored photograph in place of what was known of it; what was is durable at the return.

        Raises:
            NotFound: It expired meanwhile.
            ModelUnavailable: A model is missing.
            StorageUnavailable: The index cannot write.
        """
        labeller = self._space.model
        with progress.stage("classify"):
            image = self._space.image(photo, progress)
        segmenter, entry = None, IndexedPhoto(image[None])
        if options.masks is not None:
            found = self._finder.find(photo, options.masks, progress)
            with progress.stage("classify"):
                per_region = self._labelling.regions(photo, found, options.naming, progress).per_region
                regions = self._space.regions(photo, found, progress)
            segmenter, entry = found.segmenter, _entry(image, regions, found.regions, per_region)
        with progress.stage("store"):
            self._index.put(labeller.sha256, photo.key, entry)
            self._forget_expired()
        return IndexResult(len(entry.regions), labeller, segmenter)

    def remove(self, file_id: str) -> None:
        """Take a photograph out of the index; it stays uploaded.

        Raises:
            NotFound: It is not there.
            StorageUnavailable: The index cannot write.
        """
        if not self._index.remove(file_id):
            shown = file_id[:64]
            raise NotFound(f"expected the file_id of an indexed image, got {shown!r}", {"file_id": shown})

    def counts(self) -> tuple[IndexCounts, ModelInfo]:
        """How much is indexed, and with which model.

        Raises:
            ModelUnavailable: There is no labeller.
            StorageUnavailable: The index cannot be read.
        """
        labeller = self._space.model
        return self._index.counts(labeller.sha256), labeller

    def _forget_expired(self) -> None:
        """Images expire in about the order in which they are indexed; searches drop those met before."""
        for file_id in self._index.oldest(EXPIRY_CHECKS_PER_ADD):
            try:
                self._images.photo(file_id)
            except NotFound:
                self._index.remove(file_id)


def _entry(
    image: Floats, vectors: Floats, regions: Sequence[Region], per_region: Sequence[LabelPrediction]
) -> IndexedPhoto:
    named = tuple(
        IndexedRegion(position, region.xywh, naming.chosen.label, naming.chosen.confidence)
        for position, (region, naming) in enumerate(zip(regions, per_region, strict=True))
    )
    return IndexedPhoto(np.concatenate([image[None], vectors]) if named else image[None], named)
