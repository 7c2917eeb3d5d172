"""Records of the search index, and search results."""

from dataclasses import dataclass
from typing import Literal

from domain.arrays import Floats, check_shape

SearchScope = Literal["image", "region"]
"""Scope of a search: whole images, or regions of them."""


@dataclass(frozen=True)
class IndexedRegion:
    """Region of an indexed image.

    Attributes:
        mask_index: Position among the regions of the image when it was indexed.
        xywh: Tight box x, y, width, height in whole pixels of the upright image.
        label: Label that the region got then.
        confidence: Confidence of that label, 0..1.
    """

    mask_index: int
    xywh: tuple[int, int, int, int]
    label: str
    confidence: float


@dataclass(frozen=True)
class IndexedPhoto:
    """Record of one indexed image.

    Attributes:
        vectors: float32 [1 + R, D], unit vectors of the whole image, then of each region.
        regions: The R regions.
    """

    vectors: Floats
    regions: tuple[IndexedRegion, ...] = ()

    def __post_init__(self) -> None:
        check_shape("vectors", self.vectors, (1 + len(self.regions), None))


@dataclass(frozen=True)
class IndexedFile:
    """File on the disk, with the stored image that was made from it.

    A file whose content changes becomes another record.

    Attributes:
        path: Absolute path.
        size: Size in bytes.
        mtime_ns: Time of the last change in Unix nanoseconds.
        file_id: Id of the stored image.
        regions: Whether its regions are indexed too.
    """

    path: str
    size: int
    mtime_ns: int
    file_id: str
    regions: bool


@dataclass(frozen=True)
class SearchHit:
    """Search result.

    Attributes:
        file_id: Id of the image.
        region: Region of the image; None for the whole image.
        vector: Unit vector, float32 [D].
        score: Cosine of the vector with that of the query.
    """

    file_id: str
    region: IndexedRegion | None
    vector: Floats
    score: float


@dataclass(frozen=True)
class IndexCounts:
    """Numbers of indexed images and regions.

    Attributes:
        images: Number of images indexed with the requested model.
        regions: Number of regions of these images.
        other_images: Number of images indexed with other models, which are not searched.
    """

    images: int
    regions: int
    other_images: int
