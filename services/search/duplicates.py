"""Puts near duplicates under the best of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from domain.index import Hit

SAME = 0.95
"""Cosine from which two pictures, or two regions, count as one shown twice."""


@dataclass(frozen=True)
class Found:
    """A hit, and what is nearly the same.

    Attributes:
        best: The one of the highest score.
        duplicates: The others, best first.
    """

    best: Hit
    duplicates: tuple[Hit, ...] = ()


def grouped(hits: Sequence[Hit]) -> list[Found]:
    """The hits in order, each with those after it that are its near duplicates and nobody else's before."""
    if not hits:
        return []
    vectors = np.stack([hit.vector for hit in hits])
    left = np.ones(len(hits), bool)
    found = []
    for position, hit in enumerate(hits):
        if left[position]:
            same = np.flatnonzero(left & (vectors @ hit.vector >= SAME)).tolist()
            left[[position, *same]] = False
            found.append(Found(hit, tuple(hits[other] for other in same if other != position)))
    return found
