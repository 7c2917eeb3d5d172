"""Removes masks that say what a better mask says already: mask IoU and containment, at low resolution."""

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats
from services.masks.bitmasks import Bits, counts, overlaps

IOU = 0.8
CONTAINMENT = 0.95
CONTAINED_SIZE = 0.65


def distinct(bits: Bits, quality: Floats) -> NDArray[np.int64]:
    """Indices of the masks to keep, best quality first (ties: the earlier one).

    A mask goes when a better one has an IoU of at least IOU with it, or when one of the two lies in the
    other (CONTAINMENT of the smaller) and their sizes are close (smaller / larger >= CONTAINED_SIZE), so
    that parts survive beside their objects. Greedy, as non-maximum suppression is.

    Args:
        bits: Packed masks [N, words].
        quality: float32 [N].
    """
    area = counts(bits)
    alive = np.argsort(-quality, kind="stable")
    kept = []
    while len(alive):
        best, rest = alive[0], alive[1:]
        kept.append(best)
        alive = rest[~_repeated(bits, area, rest, best)]
    return np.array(kept, np.int64)


def _repeated(
    bits: Bits, area: NDArray[np.int64], rest: NDArray[np.int64], best: np.int64
) -> NDArray[np.bool_]:
    """Which of `rest` go; only masks of a similar size are compared, the others cannot."""
    smaller, larger = np.minimum(area[rest], area[best]), np.maximum(area[rest], area[best])
    repeated: NDArray[np.bool_] = smaller >= CONTAINED_SIZE * larger
    close = rest[repeated]
    repeated[repeated] = _repeats(overlaps(bits[close], bits[best]), area[close], area[best])
    return repeated


def _repeats(shared: NDArray[np.int64], area: NDArray[np.int64], best: np.int64) -> NDArray[np.bool_]:
    smaller, larger = np.minimum(area, best), np.maximum(area, best)
    same = shared >= IOU * (area + best - shared)
    contained = (shared >= CONTAINMENT * smaller) & (smaller >= CONTAINED_SIZE * larger)
    return same | contained
