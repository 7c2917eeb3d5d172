"""Puts near duplicates under the best of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from domain.arrays import Floats
from domain.errors import InvalidRequest, NotFound, StorageUnavailable
from domain.index import Hit, Scope
from domain.masks import Prompt
from domain.models import ModelInfo
from domain.ports.stores import VectorIndex
from services.images.photo import Photo
from services.images.upload import ImageService
from services.masks.find import MaskFinder
from services.masks.options import MaskOptions
from services.progress import Progress
from services.search.space import Space

SAME = 0.95
"""Cosine from which two pictures, or two regions, count as one shown twice."""


@dataclass(frozen=True)
class Found:
    """A hit, and what is nearly the same.

    Attributes:
        best: The one of the highest score.
        duplicates: The others, best first.
    """

    best: Hit
    duplicates: tuple[Hit, ...] = ()


def grouped(hits: Sequence[Hit]) -> list[Found]:
    """The hits in order, each with those after it that are its near duplicates and nobody else's before."""
    if not hits:
        return []
    vectors = np.stack([hit.vector for hit in hits])
    left = np.ones(len(hits), bool)
    found = []
    for position, hit in enumerate(hits):
        if left[position]:
            same = np.flatnonzero(left & (vectors @ hit.vector >= SAME)).tolist()
            left[[position, *same]] = False
            found.append(Found(hit, tuple(hits[other] for other in same if other != position)))
    return found


AT_FIRST = 4
"""How many times as many as are wanted are looked at first: some are expired, or duplicates of others."""

LEAST_LOOKED_AT = 50
"""Of so many hits the duplicates are told in any case."""

MOST_LOOKED_AT = 2_000
"""Of more than so many hits the rest is not looked at, however few groups they make."""


@dataclass(frozen=True)
class SearchOptions:
    """What to answer with.

    Attributes:
        scope: Whole photographs or regions.
        limit: At most so many, duplicates not counted.
        group: Whether near duplicates are put under the best of them.
    """

    scope: Scope = "image"
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

    def __init__(self, images: ImageService, finder: MaskFinder, space: Space, index: VectorIndex) -> None:
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

    def text(self, text: str, options: SearchOptions, progress: Progress) -> list[Found]:
        """What fits a text, best first.

        Raises:
            StorageUnavailable: As every method does, when the index cannot be read.
        """
        with progress.stage("encode"):
            vector = self._space.text(text)
        return self._nearest(vector, options, progress)

    def similar(
        self, photo: Photo, region: Prompt | int | None, options: SearchOptions, progress: Progress
    ) -> list[Found]:
        """What looks like a photograph, or like a region of it; never of that photograph itself.

        Args:
            photo: The photograph.
            region: Points or a box around it, or its mask_index in the index; None: the whole.
            options: What to answer with.
            progress: Hears of the stages.

        Raises:
            InvalidRequest: The region is not there.
        """
        vector = self._shown(photo, region, progress)
        return self._nearest(vector, options, progress, photo.key)

    def score(self, text: str, photo: Photo, progress: Progress) -> float:
        """Cosine of a text with a whole photograph, indexed or not."""
        with progress.stage("encode"):
            return float(self._space.text(text) @ self._picture(photo, progress))

    def _shown(self, photo: Photo, region: Prompt | int | None, progress: Progress) -> Floats:
        """The vector [D] of what was shown."""
        if isinstance(region, int):
            return self._indexed_region(photo.key, region)
        if region is None:
            with progress.stage("encode"):
                return self._picture(photo, progress)
        found = self._finder.find(photo, MaskOptions(region, max_masks=1), progress)
        with progress.stage("classify"):
            vector: Floats = self._space.regions(photo, found, progress)[0]
        return vector

    def _picture(self, photo: Photo, progress: Progress) -> Floats:
        known = self._index.find(self._space.model.sha256, photo.key)
        vector: Floats = self._space.picture(photo, progress) if known is None else known.vectors[0]
        return vector

    def _indexed_region(self, file_id: str, mask_index: int) -> Floats:
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
    ) -> list[Found]:
        """The nearest of the photographs that are there still, `without` one; looks further where needed."""
        model = self._space.model.sha256
        count = max(LEAST_LOOKED_AT, AT_FIRST * options.limit)
        with progress.stage("search"):
            while True:
                hits = self._index.nearest(model, options.scope, vector, count)
                kept = self._there([hit for hit in hits if hit.file_id != without])
                found = grouped(kept) if options.group else [Found(hit) for hit in kept]
                if len(found) >= options.limit or len(hits) < count or count >= MOST_LOOKED_AT:
                    return found[: options.limit]
                count = min(AT_FIRST * count, MOST_LOOKED_AT)

    def _there(self, hits: Sequence[Hit]) -> list[Hit]:
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
