"""Chooses which masks to answer with when there are more than asked for."""

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats
from services.masks.bitmasks import Bits, counts, overlaps

NOVELTY = 0.5


def cover(bits: Bits, quality: Floats, limit: int) -> NDArray[np.int64]:
    """Indices of at most `limit` masks that together cover the picture with good masks, best first.

    Greedy: each step takes the mask with the largest quality x sqrt(area) x (1 - NOVELTY + NOVELTY x the
    share of it that no chosen mask covers yet). Ties go to the earlier mask.

    Args:
        bits: Packed masks [N, words].
        quality: float32 [N].
        limit: At least 1.
    """
    area = np.maximum(counts(bits), 1)
    worth = quality.astype(np.float64) * np.sqrt(area)
    covered = np.zeros_like(bits[0]) if len(bits) else np.zeros(0, np.uint64)
    chosen: list[int] = []
    while len(chosen) < min(limit, len(bits)):
        fresh = 1.0 - overlaps(bits, covered) / area
        gain = worth * (1.0 - NOVELTY + NOVELTY * fresh)
        gain[chosen] = -1.0
        chosen.append(int(np.argmax(gain)))
        covered = covered | bits[chosen[-1]]
    return np.array(chosen, np.int64)
