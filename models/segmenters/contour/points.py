"""Answers point prompts: nodes that hold the positive points, without what the negative points mark."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.segmenters.contour.choice import Choice, LeafSet, different, of_node, spread_sizes
from models.segmenters.contour.scored import ScoredTree
from models.segmenters.contour.tree import Nodes, Tree

UNION_QUALITY = 0.9
"""A union of nodes is worth this share of its worst node's quality."""

CUT_QUALITY = 0.8
"""A node that a part was cut from is worth this share of its quality."""


def point_choices(scored: ScoredTree, positive: Sequence[int], negative: Sequence[int]) -> list[Choice]:
    """Candidates, best first, at least one.

    Args:
        scored: The hierarchy.
        positive: Leaves under points on the object, at least one.
        negative: Leaves under points off it; a leaf that is also positive is not cut.
    """
    nodes = _common(scored.tree, positive)
    if len(set(positive)) == 1 and not negative:
        picked = spread_sizes(scored.quality[nodes], scored.tree.area[nodes])
        return [of_node(scored, int(nodes[index])) for index in picked]
    choices = [of_node(scored, int(node)) for node in nodes]
    if len(set(positive)) > 1:
        choices.append(_union(scored, positive))
    return different(scored.tree, [cut(scored.tree, choice, positive, negative) for choice in choices])


def cut(tree: Tree, choice: Choice, positive: Sequence[int], negative: Sequence[int]) -> Choice:
    """The candidate without the largest node around each negative leaf that holds no positive one.

    Without positive leaves the node is also no larger than half the candidate. What would leave nothing
    is not cut.
    """
    removed = np.zeros_like(choice.leaves)
    limit = np.inf if positive else tree.area[: tree.leaves][choice.leaves].sum() / 2
    for leaf in negative:
        if choice.leaves[leaf] and leaf not in positive:
            removed |= _around(tree, leaf, positive, limit)
    rest = choice.leaves & ~removed
    if not removed.any() or not rest.any():
        return choice
    return replace(choice, leaves=rest, quality=choice.quality * CUT_QUALITY)


def _around(tree: Tree, leaf: int, positive: Sequence[int], limit: float) -> LeafSet:
    """The largest node that holds `leaf`, no positive one and at most `limit` pixels; else the leaf."""
    path = tree.path(leaf)
    spares = np.ones(len(path), np.bool_)
    for other in positive:
        spares &= ~tree.holds(path, other)
    node = path[spares & ((tree.area[path] <= limit) | (path == leaf))][-1]
    removed = np.zeros(tree.leaves, np.bool_)
    removed[tree.lo[node] : tree.hi[node]] = True
    return removed


def _common(tree: Tree, leaves: Sequence[int]) -> Nodes:
    """All nodes that hold all of the leaves, smallest first."""
    path = tree.path(leaves[0])
    return path[tree.holds(path, min(leaves)) & tree.holds(path, max(leaves))]


def _union(scored: ScoredTree, positive: Sequence[int]) -> Choice:
    """The best node of each positive leaf, together."""
    paths = [scored.tree.path(leaf) for leaf in sorted(set(positive))]
    best = [of_node(scored, int(path[np.argmax(scored.quality[path])])) for path in paths]
    leaves = np.logical_or.reduce([choice.leaves for choice in best])
    quality = UNION_QUALITY * min(choice.quality for choice in best)
    return Choice(leaves, quality, min(choice.stability for choice in best))
