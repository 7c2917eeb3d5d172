"""Puts near duplicates under the best of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from domain.arrays import Floats
from domain.errors import InvalidRequest, NotFound, StorageUnavailable
from domain.index import SearchHit, SearchScope
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
"""Cosine from which two pictures, or two regions, count as one shown twice."""


@dataclass(frozen=True)
class HitGroup:
    """A hit, and what is nearly the same.

    Attributes:
        best: The one of the highest score.
        duplicates: The others, best first.
    """

    best: SearchHit
    duplicates: tuple[SearchHit, ...] = ()


def group_duplicates(hits: Sequence[SearchHit]) -> list[HitGroup]:
    """The hits in order, each with those after it that are its near duplicates and nobody else's before."""
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


SCAN_FACTOR = 4
"""How many times as many as are wanted are looked at first: some are expired, or duplicates of others."""

MIN_SCANNED_HITS = 50
"""Of so many hits the duplicates are told in any case."""

MAX_SCANNED_HITS = 2_000
"""Of more than so many hits the rest is not looked at, however few groups they make."""


@dataclass(frozen=True)
class SearchOptions:
    """What to answer with.

    Attributes:
        scope: Whole photographs or regions.
        limit: At most so many, duplicates not counted.
        group: Whether near duplicates are put under the best of them.
    """

    scope: SearchScope = "image"
    limit: int = 20
    group: bool = True


class SearchService:
    """Searches the index. Holds no request state: many threads share it.

    Args:
        images: Where the photographs are.
        finder: Finds the region that a box or points mean.
        space: Gives vectors.
        index: Where to search.
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
        """Whose vectors are compared.

        Raises:
            ModelUnavailable: As every method does, when there is no labeller.
        """
        return self._space.model

    def text(self, text: str, options: SearchOptions, progress: Progress) -> list[HitGroup]:
        """What fits a text, best first.

        Raises:
            StorageUnavailable: As every method does, when the index cannot be read.
        """
        with progress.stage("encode"):
            vector = self._space.text(text)
        return self._nearest(vector, options, progress)

    def similar(
        self, photo: Photo, region: Prompt | int | None, options: SearchOptions, progress: Progress
    ) -> list[HitGroup]:
        """What looks like a photograph, or like a region of it; never of that photograph itself.

        Args:
            photo: The photograph.
            region: Points or a box around it, or its mask_index in the index; None: the whole.
            options: What to answer with.
            progress: Hears of the stages.

        Raises:
            InvalidRequest: The region is not there.
        """
        vector = self._query_vector(photo, region, progress)
        return self._nearest(vector, options, progress, photo.key)

    def score(self, text: str, photo: Photo, progress: Progress) -> float:
        """Cosine of a text with a whole photograph, indexed or not."""
        with progress.stage("encode"):
            return float(self._space.text(text) @ self._image_vector(photo, progress))

    def _query_vector(self, photo: Photo, region: Prompt | int | None, progress: Progress) -> Floats:
        """The vector [D] of what was shown."""
        if isinstance(region, int):
            return self._indexed_region_vector(photo.key, region)
        if region is None:
            with progress.stage("encode"):
                return self._image_vector(photo, progress)
        found = self._finder.find(photo, MaskOptions(region, max_masks=1), progress)
        with progress.stage("classify"):
            vector: Floats = self._space.regions(photo, found, progress)[0]
        return vector

    def _image_vector(self, photo: Photo, progress: Progress) -> Floats:
        known = self._index.find(self._space.model.sha256, photo.key)
        vector: Floats = self._space.image(photo, progress) if known is None else known.vectors[0]
        return vector

    def _indexed_region_vector(self, file_id: str, mask_index: int) -> Floats:
        known = self._index.find(self._space.model.sha256, file_id)
        count = 0 if known is None else len(known.regions)
        if known is None or mask_index >= count:
            raise InvalidRequest(
                f"mask_index: expected a region of the indexed image, which has {count}, got {mask_index}",
                {"regions": count},
            )
        vector: Floats = known.vectors[1 + mask_index]
        return vector

    def _nearest(
        self, vector: Floats, options: SearchOptions, progress: Progress, without: str | None = None
    ) -> list[HitGroup]:
        """The nearest of the photographs that are there still, `without` one; looks further where needed."""
        model = self._space.model.sha256
        count = max(MIN_SCANNED_HITS, SCAN_FACTOR * options.limit)
        with progress.stage("search"):
            while True:
                hits = self._index.nearest(model, options.scope, vector, count)
                kept = self._without_expired([hit for hit in hits if hit.file_id != without])
                found = group_duplicates(kept) if options.group else [HitGroup(hit) for hit in kept]
                if len(found) >= options.limit or len(hits) < count or count >= MAX_SCANNED_HITS:
                    return found[: options.limit]
                count = min(SCAN_FACTOR * count, MAX_SCANNED_HITS)

    def _without_expired(self, hits: Sequence[SearchHit]) -> list[SearchHit]:
        """Those of photographs that have not expired; the others leave the index."""
        gone = {file_id for file_id in {hit.file_id for hit in hits} if not self._exists(file_id)}
        for file_id in gone:
            self._index.remove(file_id)
        return [hit for hit in hits if hit.file_id not in gone]

    def _exists(self, file_id: str) -> bool:
        try:
            self._images.photo(file_id)
        except NotFound:
            return False
        except StorageUnavailable:  # One damaged record must not end all searches that meet it.
            return True
        return True
