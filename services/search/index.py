"""Add images and their regions to the search index."""

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
"""Number of the oldest indexed images that are checked for expiry whenever an image is added."""


@dataclass(frozen=True)
class IndexOptions:
    """Options of indexing an image.

    Attributes:
        masks: Options of finding the regions; None indexes the whole image only.
        labels: Options of labelling the regions.
    """

    masks: MaskOptions | None
    labels: LabelOptions


@dataclass(frozen=True)
class IndexResult:
    """The result of indexing an image.

    Attributes:
        regions: Number of regions that were indexed.
        labeller: The model that made the vectors.
        segmenter: The model that found the regions; None where no regions were requested.
    """

    regions: int
    labeller: ModelInfo
    segmenter: ModelInfo | None


class IndexService:
    """Maintains the search index. It is stateless and shared by threads.

    Args:
        images: Provides the stored images.
        finder: Finds regions.
        labels: Labels regions.
        space: Embeds images and regions.
        index: Stores the vectors.
    """

    def __init__(
        self,
        *,
        images: ImageService,
        finder: MaskFinder,
        labels: LabelService,
        space: EmbeddingSpace,
        index: VectorIndex,
    ) -> None:
        self._images = images
        self._finder = finder
        self._labels = labels
        self._space = space
        self._index = index

    def add(self, photo: Photo, options: IndexOptions, progress: Progress) -> IndexResult:
        """Index a stored image, replacing its earlier entry; the entry is durable when this returns.

        Raises:
            NotFound: The image expired or was deleted in the meantime.
            ModelUnavailable: A model is missing.
            StorageUnavailable: The index cannot be written.
            ValueError: The image is not stored.
        """
        if photo.file_id is None:
            raise ValueError("expected a stored image, got one without a file_id")
        labeller = self._space.model
        with progress.stage("classify"):
            image = self._space.image(photo, progress)
        segmenter, entry = None, IndexedPhoto(image[None])
        if options.masks is not None:
            found = self._finder.find(photo, options.masks, progress)
            with progress.stage("classify"):
                labels = self._labels.label_regions(photo, found, options.labels, progress)
                vectors = self._space.regions(photo, found, progress)
            segmenter, entry = found.segmenter, _entry(image, vectors, found.regions, labels.per_region)
        with progress.stage("store"):
            self._index.put(labeller.sha256, photo.file_id, entry)
            self._check_stored(photo.file_id)
            self._remove_expired()
        return IndexResult(len(entry.regions), labeller, segmenter)

    def remove(self, file_id: str) -> None:
        """Remove an image from the index; the upload is kept.

        Raises:
            NotFound: The image is not indexed.
            StorageUnavailable: The index cannot be written.
        """
        if not self._index.remove(file_id):
            shown = file_id[:64]
            raise NotFound(f"expected the file_id of an indexed image, got {shown!r}", {"file_id": shown})

    def counts(self) -> tuple[IndexCounts, ModelInfo]:
        """Return the number of indexed images and regions, and the model that made their vectors.

        Raises:
            ModelUnavailable: There is no labeller.
            StorageUnavailable: The index cannot be read.
        """
        labeller = self._space.model
        return self._index.counts(labeller.sha256), labeller

    def _check_stored(self, file_id: str) -> None:
        """Remove the entry of an image that was deleted while it was computed."""
        try:
            self._images.record(file_id)
        except NotFound:
            self._index.remove(file_id)
            raise

    def _remove_expired(self) -> None:
        """Remove expired images among the oldest entries, since images expire about in that order.

        A search removes the expired images that it meets before they are checked here.
        """
        for file_id in self._index.oldest(EXPIRY_CHECKS_PER_ADD):
            try:
                self._images.photo(file_id)
            except NotFound:
                self._index.remove(file_id)


def _entry(
    image: Floats, vectors: Floats, regions: Sequence[Region], per_region: Sequence[LabelPrediction]
) -> IndexedPhoto:
    """Return the index entry of an image vector [D] and the vectors [N, D] of its labelled regions."""
    indexed = tuple(
        IndexedRegion(position, region.xywh, labelled.chosen.label, labelled.chosen.confidence)
        for position, (region, labelled) in enumerate(zip(regions, per_region, strict=True))
    )
    return IndexedPhoto(np.concatenate([image[None], vectors]) if indexed else image[None], indexed)
