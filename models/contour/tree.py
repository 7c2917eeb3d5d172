"""The hierarchy as plain arrays in which every node is an interval of leaves."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.contour.linkage import Merges
from models.contour.superpixels import Superpixels

Nodes = NDArray[np.int64]


@dataclass(frozen=True)
class Tree:
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

    def path(self, node: int) -> Nodes:
        """The node and its ancestors up to the root, int64."""
        nodes = [node]
        while (above := int(self.parent[nodes[-1]])) != nodes[-1]:
            nodes.append(above)
        return np.array(nodes, np.int64)

    def holds(self, nodes: Nodes, leaf: int) -> NDArray[np.bool_]:
        """Which of the nodes contain a leaf."""
        return (self.lo[nodes] <= leaf) & (leaf < self.hi[nodes])

    def sums(self, leaf_values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values [leaves, ...] added up over every node [N, ...]."""
        running = np.concatenate([np.zeros_like(leaf_values[:1]), np.cumsum(leaf_values, axis=0)])
        totals: NDArray[np.float64] = running[self.hi] - running[self.lo]
        return totals


def build_tree(superpixels: Superpixels, merges: Merges) -> tuple[Tree, NDArray[np.int32]]:
    """The tree, and the leaf each superpixel became, int32 [superpixels]."""
    lo, hi = _intervals(merges.parent, superpixels.count)
    rank = lo[: superpixels.count].astype(np.int32)
    region = rank[superpixels.region]
    number = np.arange(len(lo))
    number[: superpixels.count] = rank
    back = np.argsort(number)
    counts = np.bincount(region.ravel(), minlength=superpixels.count)
    before = np.concatenate([[0], np.cumsum(counts)])
    tree = Tree(
        region,
        lo[back].astype(np.int32),
        hi[back].astype(np.int32),
        number[merges.parent[back]].astype(np.int32),
        merges.altitude[back].astype(np.float32),
        (before[hi] - before[lo])[back].astype(np.int32),
    )
    return tree, rank


def _intervals(parent: Nodes, leaves: int) -> tuple[Nodes, Nodes]:
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
