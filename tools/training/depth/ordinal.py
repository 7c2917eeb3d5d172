"""Computes the ordinal accuracy of depth (Zoran et al., ICCV 2015; Chen et al., NeurIPS 2016)."""

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats

PAIRS = 20_000
"""Number of random pairs of pixels."""

REAL_DIFFERENCE = 0.1
"""Least difference of the disparities of a pair that counts, as a share of their range in the image."""


def ordinal_accuracy(predicted: Floats, disparity: NDArray[np.generic], seed: int = 0) -> float:
    """Return the share of random pairs of pixels that are in the right order; a tie counts half.

    Args:
        predicted: [H, W], larger = nearer.
        disparity: [H, W], larger = nearer, 0 = unknown.
        seed: Seed of the pairs.
    """
    known = np.flatnonzero(disparity)
    one, other = np.random.default_rng(seed).choice(known, (2, PAIRS))
    truth = disparity.astype(np.float64).ravel()
    gap = truth[one] - truth[other]
    real = np.abs(gap) > REAL_DIFFERENCE * np.ptp(truth[known])
    guess = predicted.astype(np.float64).ravel()
    agreed = np.sign(guess[one] - guess[other]) * np.sign(gap)
    return float((0.5 + 0.5 * agreed[real]).mean())


def height_baseline(height: int, width: int) -> Floats:
    """Return the baseline, float32 [height, width]: the lower in the image, the nearer."""
    return np.repeat(np.arange(height, dtype=np.float32)[:, None], width, axis=1)
