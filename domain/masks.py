"""Prompts, embeddings, mask candidates and regions."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats, check_shape
from domain.models import ModelInfo


@dataclass(frozen=True)
class Rle:
    """Mask as COCO's compressed run-length code (column-major).

    Attributes:
        height: Height of the mask in pixels.
        width: Width of the mask in pixels.
        counts: COCO's compressed counts in ASCII.
    """

    height: int
    width: int
    counts: str


@dataclass(frozen=True)
class Prompt:
    """Points, a box, a mask or several of these on one object, in pixels of the upright image.

    Attributes:
        points: float64 [K, 2], x and y of each point.
        point_labels: int64 [K], 1 on the object, 0 off it.
        box: float64 [4], x0 y0 x1 y1, x1 and y1 exclusive; None without a box.
        mask: First guess of the object, of the size of the image and with a pixel on it; None without one.
    """

    points: NDArray[np.float64]
    point_labels: NDArray[np.int64]
    box: NDArray[np.float64] | None = None
    mask: Rle | None = None

    def __post_init__(self) -> None:
        check_shape("points", self.points, (None, 2))
        check_shape("point_labels", self.point_labels, (len(self.points),))
        if self.box is not None:
            check_shape("box", self.box, (4,))
        if self.box is None and self.mask is None and not np.any(self.point_labels == 1):
            raise ValueError("expected a box, a mask or at least one point with label 1, got none")

    @property
    def key(self) -> tuple[Hashable, ...]:
        """Hashable key that is equal for equal prompts; arrays cannot be hashed."""
        box = None if self.box is None else self.box.tobytes()
        return self.points.tobytes(), self.point_labels.tobytes(), box, self.mask

    @classmethod
    def point(cls, x: float, y: float) -> "Prompt":
        """Return the prompt of one point on the object."""
        return cls(np.array([[x, y]], np.float64), np.array([1], np.int64))


@dataclass(frozen=True)
class PromptList:
    """Several prompts on one image, each of which gets exactly one mask, in order.

    Attributes:
        prompts: The prompts, at least one.
    """

    prompts: tuple[Prompt, ...]

    def __post_init__(self) -> None:
        if not self.prompts:
            raise ValueError("expected at least one prompt, got none")

    @property
    def key(self) -> tuple[Hashable, ...]:
        """Hashable key that is equal for equal prompts in the same order."""
        return tuple(prompt.key for prompt in self.prompts)


@dataclass(frozen=True)
class Embedding:
    """Encoded image: plain read-only arrays, so that threads, disks and processes can share it.

    Attributes:
        arrays: Arrays by name that the segmenter needs to decode prompts.
        height: Height in pixels of the upright image that was encoded.
        width: Width in pixels of that image.
    """

    arrays: Mapping[str, NDArray[Any]]
    height: int
    width: int

    def __post_init__(self) -> None:
        for array in self.arrays.values():
            array.flags.writeable = False

    def __reduce__(self) -> tuple[type["Embedding"], tuple[dict[str, NDArray[Any]], int, int]]:
        """Pickle as a call of the class, so that the arrays of the copy are read-only too."""
        return Embedding, (dict(self.arrays), self.height, self.width)

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays together."""
        return sum(array.nbytes for array in self.arrays.values())


@dataclass(frozen=True)
class Candidates:
    """N masks that a segmenter proposes for a batch of prompts, before filtering and NMS.

    Attributes:
        logits: [N, h, w], float or int8; the mask is `logits > 0`. The frame covers exactly the
            whole upright image, at the resolution of the decoder.
        prompt_index: int64 [N], index of the prompt in the batch.
        quality: float32 [N], predicted IoU with the intended object, 0..1.
        stability: float32 [N], stability score: IoU of the mask with itself under a changed threshold, 0..1.
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
        """Return the candidates at `index`, in its order."""
        return Candidates(
            self.logits[index],
            self.prompt_index[index],
            self.quality[index],
            self.stability[index],
        )

    @classmethod
    def concatenate(cls, parts: Sequence["Candidates"]) -> "Candidates":
        """Return all candidates of `parts`, in order.

        Raises:
            ValueError: There are no parts, or their frames differ.
        """
        names = ("logits", "prompt_index", "quality", "stability")
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


@dataclass(frozen=True)
class Region:
    """Mask that was kept, at the size of the upright image.

    Attributes:
        rle: The mask in run-length code.
        xywh: Tight box x, y, width, height in whole pixels.
        area: Number of pixels in the mask; 0 only for one of several prompts that has no mask.
        quality: Predicted IoU, 0..1.
        stability: Stability score, 0..1.
    """

    rle: Rle
    xywh: tuple[int, int, int, int]
    area: int
    quality: float
    stability: float


REGION_OVERHEAD_BYTES = 512
"""Bytes that a region needs in memory besides its run-length code."""


@dataclass(frozen=True)
class FoundMasks:
    """Regions of one image, and the way they were found.

    Attributes:
        key: Hashable key, equal for the same image, model and effective options.
        regions: The regions, best first.
        segmenter: The model that found them.
        prompts: Number of prompts that were decoded.
        several_prompts: Whether the regions are those of several prompts, one each, in order.
    """

    key: Hashable
    regions: tuple[Region, ...]
    segmenter: ModelInfo
    prompts: int
    several_prompts: bool = False

    @property
    def nbytes(self) -> int:
        """Approximate bytes in memory."""
        return sum(REGION_OVERHEAD_BYTES + len(region.rle.counts) for region in self.regions)
