"""Masks packed to bits at low resolution: intersections of hundreds of masks in microseconds."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.uint64]
"""uint64 [N, words], 64 pixels a word, zero-padded."""

LONG_SIDE = 256


def pack(logits: NDArray[Any]) -> Bits:
    """The masks `logits > 0` of [N, h, w], thinned to at most LONG_SIDE pixels a side, as bits."""
    step = math.ceil(max(logits.shape[1:]) / LONG_SIDE)
    masks = logits[:, ::step, ::step] > 0
    packed = np.packbits(masks.reshape(len(masks), math.prod(masks.shape[1:])), axis=1)
    return np.pad(packed, ((0, 0), (0, -packed.shape[1] % 8))).view(np.uint64)


def counts(bits: Bits) -> NDArray[np.int64]:
    """Set pixels of each mask, int64 [N]."""
    totals: NDArray[np.int64] = np.bitwise_count(bits).sum(axis=1, dtype=np.int64)
    return totals


def overlaps(bits: Bits, one: Bits) -> NDArray[np.int64]:
    """Pixels each mask of [N, words] shares with the mask [words], int64 [N]."""
    return counts(bits & one)
