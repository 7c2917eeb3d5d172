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
    step = _step(logits.shape[1:])
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


def thinned_pixels(frame: tuple[int, int]) -> int:
    """Pixels of a packed mask whose logits had `frame` rows and columns."""
    step = _step(frame)
    return math.ceil(frame[0] / step) * math.ceil(frame[1] / step)


def holds(bits: Bits, frame: tuple[int, int], shares: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of N masks hold which of P points, bool [N, P].

    Args:
        bits: Packed masks [N, words].
        frame: Rows and columns of the logits that were packed.
        shares: float64 [P, 2], x and y as shares of width and height, 0 <= share < 1.
    """
    step = _step(frame)
    columns, rows = (shares * [frame[1], frame[0]]).astype(np.int64).T // step
    pixel = rows * math.ceil(frame[1] / step) + columns
    shifted = bits.view(np.uint8)[:, pixel // 8] >> (7 - pixel % 8).astype(np.uint8)
    found: NDArray[np.bool_] = (shifted & 1).view(np.bool_)
    return found


def _step(frame: tuple[int, ...]) -> int:
    return math.ceil(max(frame) / LONG_SIDE)
