"""A candidate mask as a set of leaves, and the rule that keeps a few useful ones of many."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.contour.features import feature_column
from models.contour.hierarchy import ScoredTree
from models.contour.tree import RegionTree

MAX_CANDIDATES = 3
"""Most candidates of one prompt."""

SIMILARITY_THRESHOLD = 0.7
"""Nested masks whose areas are closer than this ratio say the same."""

LeafSet = NDArray[np.bool_]
"""bool [leaves]."""


@dataclass(frozen=True)
class LeafCandidate:
    """One candidate.

    Attributes:
        leaves: What it covers.
        quality: Predicted IoU, 0..1.
        stability: 0..1.
    """

    leaves: LeafSet
    quality: float
    stability: float


def node_candidate(scored: ScoredTree, node: int, quality: float) -> LeafCandidate:
    """The candidate that is one node."""
    leaves = np.zeros(scored.tree.leaves, np.bool_)
    leaves[scored.tree.lo[node] : scored.tree.hi[node]] = True
    return LeafCandidate(leaves, quality, float(feature_column(scored.features, "stability")[node]))


def pick_distinct_sizes(quality: NDArray[np.floating], area: NDArray[np.integer]) -> list[int]:
    """Indices of at most CANDIDATES nested masks of different sizes, best quality first."""
    picked: list[int] = []
    for index in np.argsort(-quality, kind="stable").tolist():
        ratios = [min(area[index], area[other]) / max(area[index], area[other]) for other in picked]
        if all(ratio < SIMILARITY_THRESHOLD for ratio in ratios):
            picked.append(index)
        if len(picked) == MAX_CANDIDATES:
            break
    return picked


def nms_leaf_sets(tree: RegionTree, choices: Sequence[LeafCandidate]) -> list[LeafCandidate]:
    """At most CANDIDATES candidates with an IoU below SIMILAR_SIZE, best quality first."""
    area = tree.area[: tree.leaves]
    picked: list[LeafCandidate] = []
    for choice in sorted(choices, key=lambda each: -each.quality):
        if all(_leaf_set_iou(area, choice.leaves, other.leaves) < SIMILARITY_THRESHOLD for other in picked):
            picked.append(choice)
    return picked[:MAX_CANDIDATES]


def _leaf_set_iou(area: NDArray[np.int32], one: LeafSet, other: LeafSet) -> float:
    return float(area[one & other].sum() / area[one | other].sum())
