"""Unit vectors as int8 codes in memory, and an exact scan of all of them with simsimd's kernels."""

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
"""Factor by which the capacity grows when more vectors are added than fit."""


@dataclass(frozen=True)
class QuantizedVectors:
    """Vectors of one scope, one row each. Rows below `len` never change, so that scans are not disturbed.

    Attributes:
        ids: int64 [C], ascending in the first `len` rows.
        rows: int8 [C, D], each vector scaled so that its largest component is 127.
        scales: float32 [C], the reciprocal of the length of each row.
        len: Number of rows in use.
    """

    ids: VectorIds
    rows: Int8Array
    scales: Floats
    len: int

    @classmethod
    def empty(cls, dimensions: int) -> Self:
        """Return a value without vectors."""
        rows = np.zeros((0, dimensions), np.int8)
        return cls(np.zeros(0, np.int64), rows, np.zeros(0, np.float32), 0)

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        return self.ids.nbytes + self.rows.nbytes + self.scales.nbytes

    def with_appended(self, ids: VectorIds, vectors: Floats) -> Self:
        """Return these vectors and others, whose ids are all higher.

        Rows behind `len` are written in place: append only to the newest value, in one thread at a time.
        """
        total = self.len + len(ids)
        target = self if total <= len(self.ids) else self._with_capacity(int(total * GROWTH_FACTOR))
        target.ids[self.len : total] = ids
        target.rows[self.len : total] = codes = quantize_int8(vectors)
        lengths = np.linalg.norm(codes.astype(np.float32), axis=1)
        target.scales[self.len : total] = 1 / np.maximum(lengths, 1)
        return type(self)(target.ids, target.rows, target.scales, total)

    def without(self, ranges: Sequence[tuple[int, int]]) -> Self:
        """Return the vectors whose ids are not in `ranges` of first and last ids, which do not overlap."""
        first, last = np.array(sorted(ranges), np.int64).reshape(-1, 2).T
        ids = self.ids[: self.len]
        nearest = np.searchsorted(first, ids, side="right") - 1
        kept = np.flatnonzero((nearest < 0) | (ids > last[nearest]))
        if len(kept) == self.len:
            return self
        return type(self)(self.ids[kept], self.rows[kept], self.scales[kept], len(kept))

    def nearest(self, vector: Floats, count: int) -> VectorIds:
        """Return the ids of the `count` rows of highest approximate cosine with `vector` [D], best first."""
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
    """Return int8 codes [N, D] of vectors [N, D]; each keeps its direction, not its length."""
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    codes: Int8Array = np.rint(vectors * (127 / np.maximum(largest, 1e-12))).astype(np.int8)
    return codes
