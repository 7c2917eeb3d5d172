"""A candidate mask as a set of leaves, and the rule that keeps a few useful ones of many."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.contour.features import column
from models.contour.scored import ScoredTree
from models.contour.tree import Tree

CANDIDATES = 3
"""Most candidates of one prompt."""

SIMILAR_SIZE = 0.7
"""Nested masks whose areas are closer than this ratio say the same."""

LeafSet = NDArray[np.bool_]
"""bool [leaves]."""


@dataclass(frozen=True)
class Choice:
    """One candidate.

    Attributes:
        leaves: What it covers.
        quality: Predicted IoU, 0..1.
        stability: 0..1.
    """

    leaves: LeafSet
    quality: float
    stability: float


def of_node(scored: ScoredTree, node: int, quality: float) -> Choice:
    """The candidate that is one node."""
    leaves = np.zeros(scored.tree.leaves, np.bool_)
    leaves[scored.tree.lo[node] : scored.tree.hi[node]] = True
    return Choice(leaves, quality, float(column(scored.features, "stability")[node]))


def spread_sizes(quality: NDArray[np.floating], area: NDArray[np.integer]) -> list[int]:
    """Indices of at most CANDIDATES nested masks of different sizes, best quality first."""
    picked: list[int] = []
    for index in np.argsort(-quality, kind="stable").tolist():
        ratios = [min(area[index], area[other]) / max(area[index], area[other]) for other in picked]
        if all(ratio < SIMILAR_SIZE for ratio in ratios):
            picked.append(index)
        if len(picked) == CANDIDATES:
            break
    return picked


def different(tree: Tree, choices: Sequence[Choice]) -> list[Choice]:
    """At most CANDIDATES candidates with an IoU below SIMILAR_SIZE, best quality first."""
    area = tree.area[: tree.leaves]
    picked: list[Choice] = []
    for choice in sorted(choices, key=lambda each: -each.quality):
        if all(_iou(area, choice.leaves, other.leaves) < SIMILAR_SIZE for other in picked):
            picked.append(choice)
    return picked[:CANDIDATES]


def _iou(area: NDArray[np.int32], one: LeafSet, other: LeafSet) -> float:
    return float(area[one & other].sum() / area[one | other].sum())
