"""What the search index keeps of photographs, and what it finds."""

from dataclasses import dataclass
from typing import Literal

from domain.arrays import Floats, check_shape

SearchScope = Literal["image", "region"]
"""What is looked for: whole photographs, or regions of them."""


@dataclass(frozen=True)
class IndexedRegion:
    """One region of an indexed photograph.

    Attributes:
        mask_index: Its place among the photograph's regions when it was indexed.
        xywh: Tight box in whole pixels of the upright image: x, y, width, height.
        label: What it was called then.
        confidence: Of that name, 0..1.
    """

    mask_index: int
    xywh: tuple[int, int, int, int]
    label: str
    confidence: float


@dataclass(frozen=True)
class IndexedPhoto:
    """What is kept of one photograph.

    Attributes:
        vectors: float32 [1 + R, D], unit length: the whole photograph, then each region.
        regions: The regions, R of them.
    """

    vectors: Floats
    regions: tuple[IndexedRegion, ...] = ()

    def __post_init__(self) -> None:
        check_shape("vectors", self.vectors, (1 + len(self.regions), None))


@dataclass(frozen=True)
class IndexedFile:
    """A file on the disk and the stored photograph that was made of it.

    When its content changes, it is another one.

    Attributes:
        path: Absolute.
        size: Bytes.
        mtime_ns: Time of the last change, Unix nanoseconds.
        file_id: The stored photograph.
        regions: Whether its regions are indexed too.
    """

    path: str
    size: int
    mtime_ns: int
    file_id: str
    regions: bool


@dataclass(frozen=True)
class SearchHit:
    """Something found.

    Attributes:
        file_id: The photograph.
        region: The region of it; None for the whole.
        vector: float32 [D], unit length.
        score: Its cosine with what was asked for.
    """

    file_id: str
    region: IndexedRegion | None
    vector: Floats
    score: float


@dataclass(frozen=True)
class IndexCounts:
    """How much is indexed.

    Attributes:
        images: Photographs indexed with the model asked about.
        regions: Regions of those.
        other_images: Photographs indexed with other models, which are not searched.
    """

    images: int
    regions: int
    other_images: int
