"""A prompt: points, a box, or both, in pixels of the upright image."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats, check_shape
from domain.models import ModelInfo


@dataclass(frozen=True)
class Prompt:
    """What a segmenter is asked about one object.

    Attributes:
        points: float64 [K, 2], x then y.
        point_labels: int64 [K], 1 on the object, 0 off it.
        box: float64 [4], x0 y0 x1 y1, x1 and y1 exclusive; None without a box.
    """

    points: NDArray[np.float64]
    point_labels: NDArray[np.int64]
    box: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        check_shape("points", self.points, (None, 2))
        check_shape("point_labels", self.point_labels, (len(self.points),))
        if self.box is not None:
            check_shape("box", self.box, (4,))
        if self.box is None and not np.any(self.point_labels == 1):
            raise ValueError("expected a box or at least one point with label 1, got neither")

    @property
    def key(self) -> tuple[bytes, bytes, bytes | None]:
        """Equal for equal prompts; arrays themselves cannot be looked up."""
        box = None if self.box is None else self.box.tobytes()
        return self.points.tobytes(), self.point_labels.tobytes(), box

    @classmethod
    def point(cls, x: float, y: float) -> "Prompt":
        """One point on the object."""
        return cls(np.array([[x, y]], np.float64), np.array([1], np.int64))


@dataclass(frozen=True)
class Embedding:
    """An encoded image: plain read-only arrays, so that threads, disks and processes can share it.

    Attributes:
        arrays: What the segmenter that made it needs to decode prompts.
        height: Rows of the upright image that was encoded.
        width: Columns of it.
        model: Name of the segmenter that made it.
    """

    arrays: Mapping[str, NDArray[Any]]
    height: int
    width: int
    model: str

    def __post_init__(self) -> None:
        for array in self.arrays.values():
            array.flags.writeable = False

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(array.nbytes for array in self.arrays.values())


@dataclass(frozen=True)
class Candidates:
    """Masks a segmenter proposes for a batch of prompts.

    Attributes:
        logits: [N, h, w] float or int8; the mask is `logits > 0`. The frame covers exactly the
            whole upright image, at the decoder's own resolution.
        prompt_index: int64 [N], which prompt of the batch each belongs to.
        quality: float32 [N], predicted IoU with the object meant, 0..1.
        stability: float32 [N], IoU of the mask with itself under a changed threshold, 0..1.
    """

    logits: NDArray[Any]
    prompt_index: NDArray[np.int64]
    quality: Floats
    stability: Floats

    def __post_init__(self) -> None:
        check_shape("logits", self.logits, (None, None, None))
        for name in ("prompt_index", "quality", "stability"):
            check_shape(name, getattr(self, name), (len(self.logits),))

    def __len__(self) -> int:
        return len(self.logits)

    def take(self, index: NDArray[np.int64] | NDArray[np.bool_]) -> "Candidates":
        """The candidates at `index`, in its order."""
        return Candidates(
            self.logits[index],
            self.prompt_index[index],
            self.quality[index],
            self.stability[index],
        )

    def first(self, count: int) -> "Candidates":
        """At most `count` candidates from the front."""
        return self.take(np.arange(min(count, len(self))))

    @classmethod
    def concatenate(cls, parts: Sequence["Candidates"]) -> "Candidates":
        """All candidates of `parts`, in order.

        Raises:
            ValueError: There are no parts, or their frames differ.
        """
        names = ("logits", "prompt_index", "quality", "stability")
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


@dataclass(frozen=True)
class Rle:
    """A mask as COCO compressed run-length code (column-major).

    Attributes:
        height: Rows of the mask.
        width: Columns of the mask.
        counts: COCO's compressed counts, ASCII.
    """

    height: int
    width: int
    counts: str


@dataclass(frozen=True)
class Region:
    """One mask that is part of the answer, at the size of the upright image.

    Attributes:
        rle: The mask.
        xywh: Tight box in whole pixels: x, y, width, height.
        area: Pixels in the mask.
        quality: Predicted IoU, 0..1.
        stability: 0..1.
    """

    rle: Rle
    xywh: tuple[int, int, int, int]
    area: int
    quality: float
    stability: float


REGION_OVERHEAD_BYTES = 512
"""What a region needs in memory besides its run-length code."""


@dataclass(frozen=True)
class FoundMasks:
    """Regions, and how they were found.

    Attributes:
        key: Equal for the same photograph, model and effective options.
        regions: Best first.
        segmenter: The model that found them.
        prompts: How many prompts it decoded.
    """

    key: Hashable
    regions: tuple[Region, ...]
    segmenter: ModelInfo
    prompts: int

    @property
    def nbytes(self) -> int:
        """Bytes held, about."""
        return sum(REGION_OVERHEAD_BYTES + len(region.rle.counts) for region in self.regions)
