"""How likely two leaves belong to one object, from their vectors."""

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats
from models.contour.descriptors import GROUPS

OFFSET = 2.0
"""Squared distance at which two leaves are as likely of one object as not."""


def affinity(descriptors: Floats, leaves: NDArray[np.integer]) -> NDArray[np.float64]:
    """Of every leaf with each of some leaves, float64 [leaves, K], 0..1."""
    vectors = descriptors[:, GROUPS:].astype(np.float64)
    chosen = vectors[leaves]
    squares = (vectors**2).sum(axis=1)[:, None] + (chosen**2).sum(axis=1) - 2 * vectors @ chosen.T
    return np.asarray(1 / (1 + np.exp(np.minimum(squares - OFFSET, 50.0))))
