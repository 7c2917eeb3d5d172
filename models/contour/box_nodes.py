"""How the nodes around a leaf lie in a box."""

import numpy as np
from numpy.typing import NDArray

from models.contour.scored import ScoredTree

Columns = NDArray[np.float64]
Leaves = NDArray[np.int64]

WITHIN = (0.95, 0.85, 0.7, 0.5)
"""Shares of a node inside the box at which the largest such node around a leaf is looked at."""


def around(scored: ScoredTree, inside: NDArray[np.int64], leaves: Leaves) -> Columns:
    """Largest nodes around each leaf that are inside enough, where they spill, and the best fitting node."""
    tree = scored.tree
    shared = tree.sums(inside.astype(np.float64))
    share, box = shared / tree.area, inside.sum()
    columns = []
    for least in WITHIN:
        top = _largest(scored, share >= least)[leaves]
        spills = tree.parent[top]
        columns += [shared[top] / box, tree.altitude[spills], share[spills]]
    fit = shared / (tree.area + box - shared)
    best = int(np.argmax(fit))
    within = (leaves >= tree.lo[best]) & (leaves < tree.hi[best])
    above = _best_above(scored, fit)[leaves]
    return np.column_stack([*columns, within, np.full(len(leaves), fit[best]), above])


def _largest(scored: ScoredTree, wanted: NDArray[np.bool_]) -> NDArray[np.int64]:
    """For every node its largest ancestor up to which all are wanted; itself where its parent is not."""
    tree = scored.tree
    top = np.arange(len(tree.parent))
    for node in range(len(top) - 2, -1, -1):
        above = tree.parent[node]
        if wanted[above]:
            top[node] = top[above]
    return top


def _best_above(scored: ScoredTree, fit: NDArray[np.float64]) -> NDArray[np.float64]:
    """Largest value among each node and its ancestors."""
    best = fit.copy()
    parent = scored.tree.parent
    for node in range(len(best) - 2, -1, -1):
        best[node] = max(best[node], best[parent[node]])
    return best
