"""Search the index by text, image or region, and group near duplicates under the best hit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from domain.arrays import Floats
from domain.errors import InvalidRequest, NotFound, StorageUnavailable
from domain.index import IndexedPhoto, SearchHit, SearchScope
from domain.masks import Prompt
from domain.models import ModelInfo
from domain.ports.stores import VectorIndex
from services.images.photo import Photo
from services.images.upload import ImageService
from services.masks.find import MaskFinder
from services.masks.options import MaskOptions
from services.progress import Progress
from services.search.space import EmbeddingSpace

DUPLICATE_COSINE = 0.95
"""Two images, or two regions, with at least this cosine are near duplicates."""

SCAN_FACTOR = 4
"""Scan this multiple of the limit first, since some hits are expired or duplicates; then grow by it."""

MIN_SCANNED_HITS = 50
"""Always scan at least this many hits for near duplicates."""

MAX_SCANNED_HITS = 2_000
"""Never scan more hits than this, even if they form fewer groups than requested."""


@dataclass(frozen=True)
class HitGroup:
    """A hit and its near duplicates.

    Attributes:
        best: The hit with the highest score.
        duplicates: The other hits, best first.
    """

    best: SearchHit
    duplicates: tuple[SearchHit, ...] = ()


def group_duplicates(hits: Sequence[SearchHit]) -> list[HitGroup]:
    """Group hits greedily in order: each takes the later near duplicates that no earlier hit took."""
    if not hits:
        return []
    vectors = np.stack([hit.vector for hit in hits])
    left = np.ones(len(hits), bool)
    found = []
    for position, hit in enumerate(hits):
        if left[position]:
            same = np.flatnonzero(left & (vectors @ hit.vector >= DUPLICATE_COSINE)).tolist()
            left[[position, *same]] = False
            found.append(HitGroup(hit, tuple(hits[other] for other in same if other != position)))
    return found


@dataclass(frozen=True)
class SearchOptions:
    """Options of a search.

    Attributes:
        scope: Search whole images or regions.
        limit: Maximum number of groups to return.
        group: Group near duplicates under the best of them.
    """

    scope: SearchScope = "image"
    limit: int = 20
    group: bool = True


class SearchService:
    """Searches the index. It is stateless and shared by threads.

    Args:
        images: Provides the stored images.
        finder: Finds the region at a box or at points.
        space: Embeds the query.
        index: The index to search.
    """

    def __init__(
        self, images: ImageService, finder: MaskFinder, space: EmbeddingSpace, index: VectorIndex
    ) -> None:
        self._images = images
        self._finder = finder
        self._space = space
        self._index = index

    @property
    def labeller(self) -> ModelInfo:
        """Name and hash of the model that made the vectors.

        Raises:
            ModelUnavailable: There is no labeller; every method raises it then.
        """
        return self._space.model

    def text(self, text: str, options: SearchOptions, progress: Progress) -> list[HitGroup]:
        """Return the hits for a text, best first.

        Raises:
            StorageUnavailable: The index cannot be read; every method raises it then.
        """
        with progress.stage("encode"):
            vector = self._space.text(text)
        return self._nearest(vector, options, progress)

    def similar(
        self, photo: Photo, region: Prompt | int | None, options: SearchOptions, progress: Progress
    ) -> list[HitGroup]:
        """Return the hits for an image or a region of it, best first, without that image itself.

        Args:
            photo: The query image.
            region: Points or a box on the region, or its mask_index in the index; None is the whole image.
            options: The scope, the limit and the grouping.
            progress: Receives the stages.

        Raises:
            InvalidRequest: The image is not indexed with a region of that mask_index.
        """
        vector = self._query_vector(photo, region, progress)
        return self._nearest(vector, options, progress, photo.file_id)

    def score(self, text: str, photo: Photo, progress: Progress) -> float:
        """Return the cosine of a text with the whole image, which need not be indexed."""
        with progress.stage("encode"):
            return float(self._space.text(text) @ self._image_vector(photo, progress))

    def _query_vector(self, photo: Photo, region: Prompt | int | None, progress: Progress) -> Floats:
        """Return the vector [D] of the query image or of its region."""
        if isinstance(region, int):
            return self._indexed_region_vector(photo, region)
        if region is None:
            with progress.stage("encode"):
                return self._image_vector(photo, progress)
        found = self._finder.find(photo, MaskOptions(region, max_masks=1), progress)
        with progress.stage("classify"):
            vector: Floats = self._space.regions(photo, found, progress)[0]
        return vector

    def _image_vector(self, photo: Photo, progress: Progress) -> Floats:
        known = self._indexed(photo)
        vector: Floats = self._space.image(photo, progress) if known is None else known.vectors[0]
        return vector

    def _indexed(self, photo: Photo) -> IndexedPhoto | None:
        if photo.file_id is None:
            return None
        return self._index.find(self._space.model.sha256, photo.file_id)

    def _indexed_region_vector(self, photo: Photo, mask_index: int) -> Floats:
        known = self._indexed(photo)
        count = 0 if known is None else len(known.regions)
        if known is None or mask_index >= count:
            raise InvalidRequest(
                f"mask_index: expected a region of the indexed image, which has {count}, got {mask_index}",
                {"regions": count},
            )
        vector: Floats = known.vectors[1 + mask_index]
        return vector

    def _nearest(
        self, vector: Floats, options: SearchOptions, progress: Progress, exclude: str | None = None
    ) -> list[HitGroup]:
        """Return the nearest groups of hits that have not expired, without the image `exclude`.

        The scan is repeated with more hits while it yields too few groups.
        """
        model = self._space.model.sha256
        count = max(MIN_SCANNED_HITS, SCAN_FACTOR * options.limit)
        with progress.stage("search"):
            while True:
                hits = self._index.nearest(model, options.scope, vector, count)
                kept = self._without_expired([hit for hit in hits if hit.file_id != exclude])
                found = group_duplicates(kept) if options.group else [HitGroup(hit) for hit in kept]
                if len(found) >= options.limit or len(hits) < count or count >= MAX_SCANNED_HITS:
                    return found[: options.limit]
                count = min(SCAN_FACTOR * count, MAX_SCANNED_HITS)

    def _without_expired(self, hits: Sequence[SearchHit]) -> list[SearchHit]:
        """Return the hits whose images have not expired; remove the others from the index."""
        expired = {file_id for file_id in {hit.file_id for hit in hits} if not self._exists(file_id)}
        for file_id in expired:
            self._index.remove(file_id)
        return [hit for hit in hits if hit.file_id not in expired]

    def _exists(self, file_id: str) -> bool:
        try:
            self._images.photo(file_id)
        except NotFound:
            return False
        except StorageUnavailable:  # One damaged record must not fail all searches that meet it.
            return True
        return True
