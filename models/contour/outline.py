"""What lies along the outlines of nodes."""

import numpy as np
from numpy.typing import NDArray

from models.contour.superpixels import Superpixels
from models.contour.tree import Tree

WEAK = 0.15
"""Mean probability below which a piece of border counts as a gap."""

Columns = NDArray[np.float64]


def outlines(
    tree: Tree,
    superpixels: Superpixels,
    rank: NDArray[np.int32],
    vectors: NDArray[np.float32],
    colours: Columns,
) -> Columns:
    """Means along the whole outline of each node, float64 [N, 7].

    Edge and its share of gaps, length against the area, outline of objects and its gaps, and how much
    vectors and colours change across.

    Args:
        tree: The hierarchy.
        superpixels: What it was built from.
        rank: int32 [superpixels], the leaf each became.
        vectors: float32 [leaves, D].
        colours: float64 [leaves, 3], Lab.
    """
    ends = rank[superpixels.links]
    one, other = ends.T
    step = ((vectors[one] - vectors[other]) ** 2).sum(axis=1)
    colour = np.sqrt(((colours[one] - colours[other]) ** 2).sum(axis=1))
    edge, outline = superpixels.edge, superpixels.outline
    means = np.column_stack([edge, edge < WEAK, np.ones(len(edge)), outline, outline < WEAK, step, colour])
    sums = _around(tree, ends, means * superpixels.length[:, None])
    length = np.maximum(sums[:, 2:3], 1.0)
    return np.hstack([sums[:, :2] / length, length / np.sqrt(tree.area)[:, None], sums[:, 3:] / length])


def _around(tree: Tree, ends: NDArray[np.int32], values: Columns) -> Columns:
    """Sums of the values of links [L, C] that lead out of each node, [N, C]."""
    sums = np.zeros((len(tree.parent), values.shape[1]))
    for side in range(2):
        np.add.at(sums, ends[:, side], values)
    np.add.at(sums, _common(tree, ends), -2 * values)
    return _upward(tree, sums)


def _upward(tree: Tree, sums: Columns) -> Columns:
    """Each node's own values and those of everything in it."""
    for node in range(len(tree.parent) - 1):
        sums[tree.parent[node]] += sums[node]
    return sums


def _common(tree: Tree, ends: NDArray[np.int32]) -> NDArray[np.int32]:
    """The smallest node that contains both leaves of each pair [L, 2]."""
    node, other = ends[:, 0], ends[:, 1]
    while True:
        misses = (other < tree.lo[node]) | (other >= tree.hi[node])
        if not misses.any():
            return node
        node = np.where(misses, tree.parent[node], node)
