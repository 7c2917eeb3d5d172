"""Merges superpixels step by step into one binary tree.

Greedy merging by mean border strength (Arbelaez et al., PAMI 2011), times a power of the smaller region's
share of the image, so that small regions join their surroundings before large ones join each other.
"""

import heapq
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.contour.superpixels import Superpixels

AREA_POWER = 0.1

Border = tuple[float, float]
"""Sum of edge probability along a border, and its length."""


@dataclass(frozen=True)
class Merges:
    """A binary tree over n superpixels: nodes 0 .. n - 1 are they, children come before parents.

    Attributes:
        parent: int64 [2n - 1]; the last node, the root, is its own.
        altitude: float64 [2n - 1], cost of the merge, 0 for superpixels, never less than a child's.
    """

    parent: NDArray[np.int64]
    altitude: NDArray[np.float64]


@dataclass
class _Regions:
    """Regions while they merge: area as a share of the image, and borders with neighbours."""

    share: list[float]
    borders: list[dict[int, Border]]
    heap: list[tuple[float, int, int]] = field(default_factory=list)

    def push(self, one: int, other: int) -> None:
        """Offer a merge."""
        total, length = self.borders[one][other]
        small = min(self.share[one], self.share[other])
        heapq.heappush(self.heap, (total / length * small**AREA_POWER, one, other))

    def join(self, one: int, other: int) -> None:
        """Replace two regions by a new one with the next number."""
        new = len(self.share)
        self.share.append(self.share[one] + self.share[other])
        self.borders.append(_joined(self.borders[one], self.borders[other], one, other))
        self.borders[one] = self.borders[other] = {}
        for neighbour, border in self.borders[new].items():
            theirs = self.borders[neighbour]
            theirs.pop(one, None)
            theirs.pop(other, None)
            theirs[new] = border
            self.push(new, neighbour)


def merge_all(superpixels: Superpixels, strength: NDArray[np.float64]) -> Merges:
    """The whole tree of merges, cheapest first; equal costs in the order of the numbers.

    Args:
        superpixels: What is merged.
        strength: float64 [L], how much each border separates.
    """
    count = superpixels.count
    regions = _start(superpixels, strength)
    parent = np.arange(2 * count - 1, dtype=np.int64)
    altitude = np.zeros(2 * count - 1)
    while regions.heap:
        cost, one, other = heapq.heappop(regions.heap)
        if other in regions.borders[one]:
            new = len(regions.share)
            parent[one] = parent[other] = new
            altitude[new] = max(cost, altitude[one], altitude[other])
            regions.join(one, other)
    return Merges(parent, altitude)


def _start(superpixels: Superpixels, strength: NDArray[np.float64]) -> _Regions:
    area = np.bincount(superpixels.region.ravel(), minlength=superpixels.count)
    regions = _Regions((area / area.sum()).tolist(), [{} for _ in area])
    totals = strength * superpixels.length
    rows = zip(superpixels.links.tolist(), totals.tolist(), superpixels.length.tolist(), strict=True)
    for (one, other), total, length in rows:
        regions.borders[one][other] = regions.borders[other][one] = (total, length)
        regions.push(one, other)
    return regions


def _joined(first: dict[int, Border], second: dict[int, Border], one: int, other: int) -> dict[int, Border]:
    """Borders of the union of regions `one` and `other`."""
    borders = {key: border for key, border in first.items() if key != other}
    for key, (total, length) in second.items():
        if key != one:
            known = borders.get(key, (0.0, 0.0))
            borders[key] = (known[0] + total, known[1] + length)
    return borders
