"""Holds candidates compactly: logits cropped to their masks, and masks packed to bits for intersections."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats, Mask
from domain.masks import Candidates

PackedMasks = NDArray[np.uint64]
"""uint64 [N, words], 64 pixels a word, zero-padded."""

IndexArray = NDArray[np.int64]

PACKED_LONG_SIDE = 256
"""Largest number of rows or columns of a packed mask."""


@dataclass(frozen=True)
class CroppedCandidates:
    """N candidates whose logits are kept only around their masks, without any rounding.

    Attributes:
        crops: Logits of each candidate inside the box of its mask and a margin of one sample.
        corners: int64 [N, 2], row and column of the frame at which each crop starts.
        frame: Rows and columns of the decoder's frame, which covers the whole image.
        bits: Packed masks [N, words] at low resolution, for intersections.
        keys: Digests of the masks, equal for equal masks.
        quality: float32 [N], predicted IoU, 0..1.
        stability: float32 [N], stability score, 0..1.
    """

    crops: Sequence[NDArray[Any]]
    corners: IndexArray
    frame: tuple[int, int]
    bits: PackedMasks
    keys: Sequence[bytes]
    quality: Floats
    stability: Floats

    def __len__(self) -> int:
        return len(self.crops)

    @property
    def nbytes(self) -> int:
        """Bytes of the crops and the bits."""
        return self.bits.nbytes + sum(crop.nbytes for crop in self.crops)

    @property
    def boxes(self) -> NDArray[np.float64]:
        """Box of each mask, x0, y0, x1, y1 as fractions of width and height, float64 [N, 4]."""
        spans = np.array([_crop_span(crop > 0) for crop in self.crops], np.int64).reshape(-1, 4)
        samples = spans + np.tile(self.corners[:, ::-1], 2)
        boxes: NDArray[np.float64] = samples / np.tile(np.array(self.frame[::-1]), 2)
        return boxes

    @classmethod
    def of(
        cls,
        candidates: Candidates,
        area_filter: Callable[[NDArray[np.float64]], Mask],
        allow_duplicates: bool = True,
    ) -> "CroppedCandidates":
        """Crop the candidates that pass `area_filter`, in order.

        Args:
            candidates: N candidates.
            area_filter: Maps areas, float64 [N] as fractions of the frame, to those that stay, bool [N]. The
                crop of an empty mask is the whole frame.
            allow_duplicates: Whether equal masks stay; otherwise only the first of the best quality does.
        """
        masks = candidates.logits > 0
        packed = np.packbits(masks, axis=2)
        area = np.bitwise_count(packed).sum(axis=(1, 2), dtype=np.int64)
        chosen = np.flatnonzero(area_filter(area / (masks.shape[1] * masks.shape[2])))
        keys = [blake2b(packed[i].data, digest_size=16).digest() for i in chosen.tolist()]
        if not allow_duplicates:
            distinct = _best_of_equal_masks(keys, candidates.quality[chosen])
            chosen, keys = chosen[distinct], [keys[i] for i in distinct]
        spans = _spans(packed[chosen], masks.shape[2])
        boxes = zip(chosen.tolist(), spans.tolist(), strict=True)
        return cls(
            [candidates.logits[i, y0:y1, x0:x1].copy() for i, (y0, x0, y1, x1) in boxes],
            spans[:, :2],
            (masks.shape[1], masks.shape[2]),
            pack_masks(masks[chosen]),
            keys,
            candidates.quality[chosen],
            candidates.stability[chosen],
        )

    @classmethod
    def concatenate(cls, parts: Sequence["CroppedCandidates"]) -> "CroppedCandidates":
        """Return the candidates of all parts, of which there is at least one, in order."""
        return cls(
            [crop for part in parts for crop in part.crops],
            np.concatenate([part.corners for part in parts]),
            parts[0].frame,
            np.concatenate([part.bits for part in parts]),
            [key for part in parts for key in part.keys],
            np.concatenate([part.quality for part in parts]),
            np.concatenate([part.stability for part in parts]),
        )

    def take(self, index: IndexArray) -> "CroppedCandidates":
        """Return the candidates at `index`, in its order."""
        order = index.tolist()
        return CroppedCandidates(
            [self.crops[i] for i in order],
            self.corners[index],
            self.frame,
            self.bits[index],
            [self.keys[i] for i in order],
            self.quality[index],
            self.stability[index],
        )

    def best(self, count: int) -> "CroppedCandidates":
        """Return at most `count` candidates, best quality first; of equal ones the earlier first."""
        return self.take(np.argsort(-self.quality, kind="stable")[:count])

    def without_duplicates(self) -> "CroppedCandidates":
        """Return the best (first on ties) of each group of equal masks, in order of first appearance."""
        distinct = _best_of_equal_masks(self.keys, self.quality)
        return self if len(distinct) == len(self) else self.take(np.array(distinct, np.int64))

    def limit_bytes(self, limit: int) -> "CroppedCandidates":
        """Return as many candidates from the front as fit in `limit` bytes."""
        sizes = [crop.nbytes + bits.nbytes for crop, bits in zip(self.crops, self.bits, strict=True)]
        return self.take(np.flatnonzero(np.cumsum(sizes) <= limit))


def _best_of_equal_masks(keys: Sequence[bytes], quality: Floats) -> list[int]:
    """Return the index of the best (first on ties) of each distinct key, in order of first appearance."""
    found: dict[bytes, int] = {}
    for index, key in enumerate(keys):
        if key not in found or quality[index] > quality[found[key]]:
            found[key] = index
    return [*found.values()]


def _spans(packed: NDArray[np.uint8], width: int) -> IndexArray:
    """Return the box of each mask with its margin: y0, x0, y1, x1, the last ones exclusive, int64 [N, 4].

    Args:
        packed: Masks, eight columns a byte, uint8 [N, h, ceil(width / 8)].
        width: Number of columns.
    """
    columns = np.unpackbits(np.bitwise_or.reduce(packed, axis=1), axis=1, count=width)
    top, bottom = _ends(np.bitwise_or.reduce(packed, axis=2) > 0)
    left, right = _ends(columns > 0)
    return np.stack([top, left, bottom, right], axis=1)


def _crop_span(mask: Mask) -> tuple[int, int, int, int]:
    """Return x0, y0, x1, y1 of a mask bool [h, w], x1 and y1 exclusive; zeros if it is empty."""
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    if not len(columns):
        return 0, 0, 0, 0
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _ends(used: Mask) -> tuple[IndexArray, IndexArray]:
    """Return start and stop of the set samples with their margin for each row of bool [N, k]."""
    size = used.shape[1]
    first = used.argmax(axis=1)
    last = size - 1 - used[:, ::-1].argmax(axis=1)
    return np.maximum(first - 1, 0), np.minimum(last + 2, size)


def pack_masks(logits: NDArray[Any]) -> PackedMasks:
    """Pack the masks `logits > 0` of [N, h, w] to bits, thinned to PACKED_LONG_SIDE pixels a side at most."""
    step = _packing_step(logits.shape[1:])
    masks = logits[:, ::step, ::step] > 0
    packed = np.packbits(masks.reshape(len(masks), math.prod(masks.shape[1:])), axis=1)
    return np.pad(packed, ((0, 0), (0, -packed.shape[1] % 8))).view(np.uint64)


def mask_areas(bits: PackedMasks) -> NDArray[np.int64]:
    """Count the pixels of each packed mask, int64 [N]."""
    totals: NDArray[np.int64] = np.bitwise_count(bits).sum(axis=1, dtype=np.int64)
    return totals


def intersection_areas(bits: PackedMasks, one: PackedMasks) -> NDArray[np.int64]:
    """Count the pixels that each mask of [N, words] has in common with the mask [words], int64 [N]."""
    return mask_areas(bits & one)


def packed_pixels(frame: tuple[int, int]) -> int:
    """Return the number of pixels of a packed mask whose logits had `frame` rows and columns."""
    step = _packing_step(frame)
    return math.ceil(frame[0] / step) * math.ceil(frame[1] / step)


def masks_contain_points(
    bits: PackedMasks, frame: tuple[int, int], points: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Tell for N masks and P points which mask contains which point, bool [N, P].

    Args:
        bits: Packed masks [N, words].
        frame: Rows and columns of the logits that were packed.
        points: float64 [P, 2], x and y as fractions of width and height, each at least 0 and below 1.
    """
    step = _packing_step(frame)
    columns, rows = (points * [frame[1], frame[0]]).astype(np.int64).T // step
    pixel = rows * math.ceil(frame[1] / step) + columns
    shifted = bits.view(np.uint8)[:, pixel // 8] >> (7 - pixel % 8).astype(np.uint8)
    found: NDArray[np.bool_] = (shifted & 1).view(np.bool_)
    return found


def _packing_step(frame: tuple[int, ...]) -> int:
    return math.ceil(max(frame) / PACKED_LONG_SIDE)
