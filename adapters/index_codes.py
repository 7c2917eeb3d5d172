"""Unit vectors as int8 codes in memory, and an exact scan of all of them by simsimd's kernels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from simsimd import cdist

from domain.arrays import Floats

VectorIds = NDArray[np.int64]
Int8Array = NDArray[np.int8]

GROWTH_FACTOR = 1.5
"""Room that is made where more vectors come than fit."""


@dataclass(frozen=True)
class QuantizedVectors:
    """Vectors of one kind, a row each. Never changes below `len`: whoever scans it is not disturbed.

    Attributes:
        ids: int64 [C], ascending in the first `len` rows.
        rows: int8 [C, D]: a vector times 127 over its own largest component.
        scales: float32 [C], 1 over the length of each row.
        len: How many rows are in use.
    """

    ids: VectorIds
    rows: Int8Array
    scales: Floats
    len: int

    @classmethod
    def empty(cls, dimensions: int) -> Self:
        """No vectors."""
        rows = np.zeros((0, dimensions), np.int8)
        return cls(np.zeros(0, np.int64), rows, np.zeros(0, np.float32), 0)

    @property
    def nbytes(self) -> int:
        """Bytes in memory."""
        return self.ids.nbytes + self.rows.nbytes + self.scales.nbytes

    def with_appended(self, ids: VectorIds, vectors: Floats) -> Self:
        """These and others, whose ids are all higher.

        Rows behind `len` are written in place: only the newest value may be grown, by one thread at a time.
        """
        total = self.len + len(ids)
        target = self if total <= len(self.ids) else self._with_capacity(int(total * GROWTH_FACTOR))
        target.ids[self.len : total] = ids
        target.rows[self.len : total] = codes = quantize_int8(vectors)
        lengths = np.linalg.norm(codes.astype(np.float32), axis=1)
        target.scales[self.len : total] = 1 / np.maximum(lengths, 1)
        return type(self)(target.ids, target.rows, target.scales, total)

    def without(self, ranges: Sequence[tuple[int, int]]) -> Self:
        """These without the ids in `ranges`, each from its first to its last; no two of them overlap."""
        first, last = np.array(sorted(ranges), np.int64).reshape(-1, 2).T
        ids = self.ids[: self.len]
        nearest = np.searchsorted(first, ids, side="right") - 1
        kept = np.flatnonzero((nearest < 0) | (ids > last[nearest]))
        if len(kept) == self.len:
            return self
        return type(self)(self.ids[kept], self.rows[kept], self.scales[kept], len(kept))

    def nearest(self, vector: Floats, count: int) -> VectorIds:
        """Ids of the `count` rows of highest cosine with `vector` [D], best first, as far as int8 tells."""
        if not self.len:
            return self.ids[:0]
        dots = cdist(quantize_int8(vector[None]), self.rows[: self.len], "dot")
        scores = np.asarray(dots, np.float32)[0] * self.scales[: self.len]
        behind = max(0, self.len - count)
        best = np.argpartition(scores, behind)[behind:] if behind else np.arange(self.len)
        return self.ids[best[np.argsort(-scores[best])]]

    def _with_capacity(self, capacity: int) -> Self:
        def grow(array: NDArray[Any]) -> NDArray[Any]:
            larger = np.zeros((capacity, *array.shape[1:]), array.dtype)
            larger[: self.len] = array[: self.len]
            return larger

        return type(self)(grow(self.ids), grow(self.rows), grow(self.scales), self.len)


def quantize_int8(vectors: Floats) -> Int8Array:
    """int8 [N, D] of vectors [N, D]; each keeps its direction, not its length."""
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    codes: Int8Array = np.rint(vectors * (127 / np.maximum(largest, 1e-12))).astype(np.int8)
    return codes
