"""Candidates of box prompts: leaves in the box, scored by features of leaf and box."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats
from models.contour.candidates import LeafCandidate, nms_leaf_sets, share_candidates
from models.contour.features import GROUP_COUNT, NODE_FEATURE_NAMES, FeatureColumns, feature_column
from models.contour.frame import Window, expand_window
from models.contour.hierarchy import ScoredTree, leaf_affinity
from models.contour.points import remove_negative_nodes
from models.contour.ranker import Ranker

LeafIndices = NDArray[np.int64]

MIN_INSIDE_SHARES = (0.95, 0.85, 0.7, 0.5)
"""Lowest fractions inside the box for which the largest such node around a leaf is a feature."""


def box_node_features(scored: ScoredTree, inside: NDArray[np.int64], leaves: LeafIndices) -> FeatureColumns:
    """Return features of the largest nodes around each leaf inside the box, and of the best fitting node."""
    tree = scored.tree
    shared = tree.sums(inside.astype(np.float64))
    share, box = shared / tree.area, inside.sum()
    columns = []
    for least in MIN_INSIDE_SHARES:
        top = _largest_ancestor(scored, share >= least)[leaves]
        spills = tree.parent[top]
        columns += [shared[top] / box, tree.altitude[spills], share[spills]]
    fit = shared / (tree.area + box - shared)
    best = int(np.argmax(fit))
    within = (leaves >= tree.lo[best]) & (leaves < tree.hi[best])
    above = _best_ancestor_value(scored, fit)[leaves]
    return np.column_stack([*columns, within, np.full(len(leaves), fit[best]), above])


def _largest_ancestor(scored: ScoredTree, selected: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return for every node its largest ancestor up to which all are `selected`, else the node itself."""
    tree = scored.tree
    top = np.arange(len(tree.parent))
    for node in range(len(top) - 2, -1, -1):
        above = tree.parent[node]
        if selected[above]:
            top[node] = top[above]
    return top


def _best_ancestor_value(scored: ScoredTree, fit: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the largest value among each node and its ancestors."""
    best = fit.copy()
    parent = scored.tree.parent
    for node in range(len(best) - 2, -1, -1):
        best[node] = max(best[node], best[parent[node]])
    return best


COLOUR_SPREAD_LAB = 18.0
"""Distance in Lab, as OpenCV scales it, over which colours stop being similar."""

MIN_INSIDE_SHARE = 0.1
"""Share inside the box below which leaves count as surroundings."""

RING_WIDTH_RATIO = 0.25
"""Width of the surroundings as a share of the box's sides."""

MIN_RING_WIDTH_PX = 2


@dataclass(frozen=True)
class BoxLeaves:
    """Leaves that a box overlaps.

    Attributes:
        leaves: int64 [K], indices of the leaves.
        rows: float32 [K, F], features of the leaves.
    """

    leaves: LeafIndices
    rows: Floats


def box_leaf_features(scored: ScoredTree, window: Window) -> BoxLeaves:
    """Return the leaves at least MIN_INSIDE_SHARE inside the box with their features.

    If there are none, all leaves that the box overlaps most are returned.
    """
    tree = scored.tree
    inside = np.bincount(tree.region[window].ravel(), minlength=tree.leaves)
    share = inside / tree.area[: tree.leaves]
    leaves = np.flatnonzero(share >= min(MIN_INSIDE_SHARE, share.max()))
    core = _centre_weights(tree.region, window, tree.leaves)
    outer = expand_window(window, RING_WIDTH_RATIO, MIN_RING_WIDTH_PX)
    ring = np.bincount(tree.region[outer].ravel(), minlength=tree.leaves) - inside
    rows = np.hstack(
        [
            _place_features(scored, window, leaves, inside),
            box_node_features(scored, inside, leaves),
            _similarity_features(scored, core, ring, leaves),
            scored.features[leaves][:, [NODE_FEATURE_NAMES.index(name) for name in LEAF_FEATURES]],
        ]
    )
    return BoxLeaves(leaves, rows.astype(np.float32))


LEAF_FEATURES = (
    "background",
    "group",
    "edge",
    "border",
    "outline",
    "altitude",
    "above",
    "frame",
    "vector_step",
    "colour_step",
)


def _place_features(
    scored: ScoredTree, window: Window, leaves: LeafIndices, inside: NDArray[np.int64]
) -> FeatureColumns:
    """Return share inside, size, position in the box, and contact of the leaf with the sides of the box."""
    tree = scored.tree
    region = tree.region[window]
    height, width = region.shape
    sides = (region[0], region[-1], region[:, 0], region[:, -1])
    touch = np.bincount(np.concatenate(sides), minlength=tree.leaves)[leaves] / np.sqrt(tree.area[leaves])
    x = (feature_column(scored.features, "x")[leaves] * tree.region.shape[1] - window[1].start) / width
    y = (feature_column(scored.features, "y")[leaves] * tree.region.shape[0] - window[0].start) / height
    share = inside[leaves] / tree.area[leaves]
    size = np.log(inside[leaves] / region.size)
    box = np.tile([np.log(region.size / tree.region.size), np.log(width / height)], (len(leaves), 1))
    return np.column_stack([share, size, np.abs(x - 0.5), np.abs(y - 0.5), y, touch, box])


def _centre_weights(region: NDArray[np.int32], window: Window, count: int) -> NDArray[np.float64]:
    """Return the weight of every leaf in the middle of the box, float64 [leaves], with sum 1."""
    rows, columns = (np.linspace(-1, 1, side.stop - side.start + 2)[1:-1] for side in window)
    weight = np.exp(-2 * (rows[:, None] ** 2 + columns[None] ** 2))
    sums = np.bincount(region[window].ravel(), weight.ravel(), count)
    return np.asarray(sums / sums.sum())


def _similarity_features(
    scored: ScoredTree, core: NDArray[np.float64], ring: NDArray[np.int64], leaves: LeafIndices
) -> FeatureColumns:
    """Return similarities of leaves to the middle of the box and to its surroundings."""
    around = ring / max(ring.sum(), 1)
    colours = np.column_stack(
        [feature_column(scored.features, name)[: len(core)] for name in ("light", "a", "b")]
    )
    apart = ((colours[:, None] - colours[leaves][None]) ** 2).sum(axis=2)
    kernels = (leaf_affinity(scored.descriptors, leaves), np.exp(-apart / (2 * COLOUR_SPREAD_LAB**2)))
    pairs = [weight @ kernel for kernel in kernels for weight in (core, around)]
    most = (kernels[0] * (ring > 0)[:, None]).max(axis=0)
    groups = scored.descriptors[:, :GROUP_COUNT].astype(np.float64)
    middle = core @ groups
    named = 1 + int(np.argmax(middle[1:] - 0.5 * (around @ groups)[1:]))
    group_features = np.tile([middle[named], middle[0], (around @ groups)[named]], (len(leaves), 1))
    return np.column_stack([*pairs, most, groups[leaves, named], group_features])


def box_candidates(
    scored: ScoredTree, ranker: Ranker, window: Window, positive: Sequence[int], negative: Sequence[int]
) -> list[LeafCandidate]:
    """Return the candidates, best first, at least one.

    Args:
        scored: The scored hierarchy.
        ranker: Scores leaves.
        window: The box, at least one pixel.
        positive: Leaves under points on the object.
        negative: Leaves under points off it.
    """
    share = box_leaf_shares(scored, ranker, window)
    share[list(positive)] = 1.0
    share[[leaf for leaf in negative if leaf not in positive]] = 0.0
    choices = share_candidates(scored, share)
    return nms_leaf_sets(
        scored.tree, [remove_negative_nodes(scored.tree, choice, positive, negative) for choice in choices]
    )


def box_leaf_shares(scored: ScoredTree, ranker: Ranker, window: Window) -> NDArray[np.float64]:
    """Return the predicted share of every leaf that is on the object in the box, float64 [leaves], 0..1."""
    found = box_leaf_features(scored, window)
    share = np.zeros(scored.tree.leaves)
    share[found.leaves] = ranker.share(found.rows)
    return share
