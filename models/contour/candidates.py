"""Candidates as sets of leaves, and the rules that keep a few useful ones of many."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.contour.features import feature_column
from models.contour.hierarchy import ScoredTree
from models.contour.tree import RegionTree

MAX_CANDIDATES = 3
"""Highest number of candidates of one prompt."""

SIMILARITY_THRESHOLD = 0.7
"""Ratio of areas, or IoU, from which two masks count as the same."""

LeafSet = NDArray[np.bool_]
"""Set of leaves: bool [leaves]."""


@dataclass(frozen=True)
class LeafCandidate:
    """Candidate of one prompt.

    Attributes:
        leaves: Leaves that it covers.
        quality: Predicted IoU, 0..1.
        stability: Stability score, 0..1.
    """

    leaves: LeafSet
    quality: float
    stability: float


def node_candidate(scored: ScoredTree, node: int, quality: float) -> LeafCandidate:
    """Return the candidate that is one node."""
    leaves = np.zeros(scored.tree.leaves, np.bool_)
    leaves[scored.tree.lo[node] : scored.tree.hi[node]] = True
    return LeafCandidate(leaves, quality, float(feature_column(scored.features, "stability")[node]))


def pick_distinct_sizes(quality: NDArray[np.floating], area: NDArray[np.integer]) -> list[int]:
    """Return the indices of at most MAX_CANDIDATES nested masks of different sizes, best quality first."""
    picked: list[int] = []
    for index in np.argsort(-quality, kind="stable").tolist():
        ratios = [min(area[index], area[other]) / max(area[index], area[other]) for other in picked]
        if all(ratio < SIMILARITY_THRESHOLD for ratio in ratios):
            picked.append(index)
        if len(picked) == MAX_CANDIDATES:
            break
    return picked


def nms_leaf_sets(tree: RegionTree, choices: Sequence[LeafCandidate]) -> list[LeafCandidate]:
    """Return at most MAX_CANDIDATES candidates with an IoU below SIMILARITY_THRESHOLD, best quality first."""
    area = tree.area[: tree.leaves]
    picked: list[LeafCandidate] = []
    for choice in sorted(choices, key=lambda each: -each.quality):
        if all(_leaf_set_iou(area, choice.leaves, other.leaves) < SIMILARITY_THRESHOLD for other in picked):
            picked.append(choice)
    return picked[:MAX_CANDIDATES]


def _leaf_set_iou(area: NDArray[np.int32], one: LeafSet, other: LeafSet) -> float:
    return float(area[one & other].sum() / area[one | other].sum())


MIN_LEAF_PROBABILITIES = (0.35, 0.65)
"""Probabilities for further candidates: the leaves at least this likely, besides the best expected fit."""


def share_candidates(scored: ScoredTree, share: NDArray[np.float64]) -> list[LeafCandidate]:
    """Return the sets of leaves that the shares of leaves on the object suggest, the best fit first.

    Args:
        scored: The scored hierarchy.
        share: Predicted share of each leaf that is on the object, float64 [leaves], 0..1, not all 0.
    """
    sets = [_best_iou_leaves(scored, share), *(share >= least for least in MIN_LEAF_PROBABILITIES)]
    return [_leaf_candidate(scored, share, leaves) for leaves in sets if leaves.any()]


def _best_iou_leaves(scored: ScoredTree, share: NDArray[np.float64]) -> LeafSet:
    """Return the most probable leaves, as many as maximise the expected IoU; at least one."""
    area = scored.tree.area[: scored.tree.leaves]
    order = np.argsort(-share, kind="stable")
    inside = np.cumsum((share * area)[order])
    expected = inside / (np.cumsum(area[order]) + inside[-1] - inside)
    leaves = np.zeros(len(share), np.bool_)
    leaves[order[: int(np.argmax(expected)) + 1]] = True
    return leaves


def _leaf_candidate(scored: ScoredTree, share: NDArray[np.float64], leaves: LeafSet) -> LeafCandidate:
    """Return the candidate of a set of leaves, with the expected IoU as its quality."""
    area = scored.tree.area[: scored.tree.leaves]
    inside = (share * area)[leaves].sum()
    quality = inside / (area[leaves].sum() + (share * area)[~leaves].sum())
    stability = np.average(
        feature_column(scored.features, "stability")[: len(area)][leaves], weights=area[leaves]
    )
    return LeafCandidate(leaves, float(quality), float(stability))
