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

BorderStrength = tuple[float, float]
"""Sum of edge probability along a border, and its length."""


@dataclass(frozen=True)
class MergeTree:
    """A binary tree over n superpixels: nodes 0 .. n - 1 are they, children come before parents.

    Attributes:
        parent: int64 [2n - 1]; the last node, the root, is its own.
        altitude: float64 [2n - 1], cost of the merge, 0 for superpixels, never less than a child's.
    """

    parent: NDArray[np.int64]
    altitude: NDArray[np.float64]


@dataclass
class _MergeState:
    """Regions while they merge: area as a share of the image, and borders with neighbours."""

    share: list[float]
    borders: list[dict[int, BorderStrength]]
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
        self.borders.append(_union_borders(self.borders[one], self.borders[other], one, other))
        self.borders[one] = self.borders[other] = {}
        for neighbour, border in self.borders[new].items():
            theirs = self.borders[neighbour]
            theirs.pop(one, None)
            theirs.pop(other, None)
            theirs[new] = border
            self.push(new, neighbour)


def merge_superpixels(superpixels: Superpixels, strength: NDArray[np.float64]) -> MergeTree:
    """The whole tree of merges, cheapest first; equal costs in the order of the numbers.

    Args:
        superpixels: What is merged.
        strength: float64 [L], how much each border separates.
    """
    count = superpixels.count
    regions = _initial_state(superpixels, strength)
    parent = np.arange(2 * count - 1, dtype=np.int64)
    altitude = np.zeros(2 * count - 1)
    while regions.heap:
        cost, one, other = heapq.heappop(regions.heap)
        if other in regions.borders[one]:
            new = len(regions.share)
            parent[one] = parent[other] = new
            altitude[new] = max(cost, altitude[one], altitude[other])
            regions.join(one, other)
    return MergeTree(parent, altitude)


def _initial_state(superpixels: Superpixels, strength: NDArray[np.float64]) -> _MergeState:
    area = np.bincount(superpixels.region.ravel(), minlength=superpixels.count)
    regions = _MergeState((area / area.sum()).tolist(), [{} for _ in area])
    totals = strength * superpixels.length
    rows = zip(superpixels.links.tolist(), totals.tolist(), superpixels.length.tolist(), strict=True)
    for (one, other), total, length in rows:
        regions.borders[one][other] = regions.borders[other][one] = (total, length)
        regions.push(one, other)
    return regions


def _union_borders(
    first: dict[int, BorderStrength], second: dict[int, BorderStrength], one: int, other: int
) -> dict[int, BorderStrength]:
    """Borders of the union of regions `one` and `other`."""
    borders = {key: border for key, border in first.items() if key != other}
    for key, (total, length) in second.items():
        if key != one:
            known = borders.get(key, (0.0, 0.0))
            borders[key] = (known[0] + total, known[1] + length)
    return borders


NodeIndices = NDArray[np.int64]


@dataclass(frozen=True)
class RegionTree:
    """Nodes 0 .. n - 1 are leaves in depth-first order; children come before parents, the root is last.

    Attributes:
        region: int32 [h, w], the leaf under each pixel.
        lo: int32 [N], first leaf of each node.
        hi: int32 [N], one past its last leaf.
        parent: int32 [N]; the root is its own.
        altitude: float32 [N], cost of the merge that made the node, 0 for leaves.
        area: int32 [N], pixels.
    """

    region: NDArray[np.int32]
    lo: NDArray[np.int32]
    hi: NDArray[np.int32]
    parent: NDArray[np.int32]
    altitude: NDArray[np.float32]
    area: NDArray[np.int32]

    @property
    def leaves(self) -> int:
        """How many leaves."""
        return (len(self.parent) + 1) // 2

    def path(self, node: int) -> NodeIndices:
        """The node and its ancestors up to the root, int64."""
        nodes = [node]
        while (above := int(self.parent[nodes[-1]])) != nodes[-1]:
            nodes.append(above)
        return np.array(nodes, np.int64)

    def holds(self, nodes: NodeIndices, leaf: int) -> NDArray[np.bool_]:
        """Which of the nodes contain a leaf."""
        return (self.lo[nodes] <= leaf) & (leaf < self.hi[nodes])

    def sums(self, leaf_values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values [leaves, ...] added up over every node [N, ...]."""
        running = np.concatenate([np.zeros_like(leaf_values[:1]), np.cumsum(leaf_values, axis=0)])
        totals: NDArray[np.float64] = running[self.hi] - running[self.lo]
        return totals


def build_region_tree(superpixels: Superpixels, merges: MergeTree) -> tuple[RegionTree, NDArray[np.int32]]:
    """The tree, and the leaf each superpixel became, int32 [superpixels]."""
    lo, hi = _leaf_intervals(merges.parent, superpixels.count)
    rank = lo[: superpixels.count].astype(np.int32)
    region = rank[superpixels.region]
    number = np.arange(len(lo))
    number[: superpixels.count] = rank
    back = np.argsort(number)
    counts = np.bincount(region.ravel(), minlength=superpixels.count)
    before = np.concatenate([[0], np.cumsum(counts)])
    tree = RegionTree(
        region,
        lo[back].astype(np.int32),
        hi[back].astype(np.int32),
        number[merges.parent[back]].astype(np.int32),
        merges.altitude[back].astype(np.float32),
        (before[hi] - before[lo])[back].astype(np.int32),
    )
    return tree, rank


def _leaf_intervals(parent: NodeIndices, leaves: int) -> tuple[NodeIndices, NodeIndices]:
    """First and one past the last leaf of each node, in depth-first order."""
    size = np.ones(len(parent), np.int64)
    size[leaves:] = 0
    for node in range(len(parent) - 1):
        size[parent[node]] += size[node]
    lo = np.zeros(len(parent), np.int64)
    free = np.zeros(len(parent), np.int64)
    for node in range(len(parent) - 2, -1, -1):
        above = parent[node]
        lo[node] = lo[above] + free[above]
        free[above] += size[node]
    return lo, lo + size
