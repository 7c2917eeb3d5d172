"""Vectors without the numbers that are for naming only (`DualEncoder.own_axes`)."""

import numpy as np

from domain.arrays import Floats


def without_own_axes(vectors: Floats, count: int) -> Floats:
    """Unit vectors [N, D - count] of [N, D] whose last `count` numbers say nothing of what is shown."""
    kept = vectors[:, : vectors.shape[1] - count]
    unit: Floats = kept / np.maximum(np.linalg.norm(kept, axis=1, keepdims=True), 1e-12)
    return unit
