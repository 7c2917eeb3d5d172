"""Ordinal accuracy: two pixels, which is nearer (Zoran et al., ICCV 2015; Chen et al., NeurIPS 2016)."""

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats

PAIRS = 20_000
REAL_DIFFERENCE = 0.1
"""Pairs count whose disparities differ by more than this share of the range in the picture."""


def ordinal_accuracy(predicted: Floats, disparity: NDArray[np.generic], seed: int = 0) -> float:
    """Share of random pixel pairs put in the right order; a tie counts half.

    Args:
        predicted: [H, W], larger = nearer.
        disparity: [H, W], larger = nearer, 0 = unknown.
        seed: Of the pairs.
    """
    known = np.flatnonzero(disparity)
    one, other = np.random.default_rng(seed).choice(known, (2, PAIRS))
    truth = disparity.astype(np.float64).ravel()
    gap = truth[one] - truth[other]
    real = np.abs(gap) > REAL_DIFFERENCE * np.ptp(truth[known])
    guess = predicted.astype(np.float64).ravel()
    agreed = np.sign(guess[one] - guess[other]) * np.sign(gap)
    return float((0.5 + 0.5 * agreed[real]).mean())


def picture_height(height: int, width: int) -> Floats:
    """The baseline [H, W]: the lower in the picture, the nearer."""
    return np.repeat(np.arange(height, dtype=np.float32)[:, None], width, axis=1)
