"""Answers box prompts: the leaves that lie inside, a looser set of them, and the node that fits best."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.segmenters.contour.choice import Choice, LeafSet, different, of_node
from models.segmenters.contour.frame import Window
from models.segmenters.contour.points import cut
from models.segmenters.contour.scored import ScoredTree

INSIDE = 0.85
"""A leaf belongs to the object when at least this share of it is inside the box."""

LOOSELY_INSIDE = 0.5
"""The same for the looser set."""

QUALITY = {INSIDE: 0.66, LOOSELY_INSIDE: 0.6}
"""Mean IoU of each set with the object meant, measured on COCO photographs."""

USUAL_FIT = 0.5
"""A set that fills less of its box than objects usually do is worth less, in proportion."""


def box_choices(
    scored: ScoredTree, window: Window, positive: Sequence[int], negative: Sequence[int]
) -> list[Choice]:
    """Candidates, best first, at least one.

    Args:
        scored: The hierarchy.
        window: The box, at least one pixel.
        positive: Leaves under points on the object.
        negative: Leaves under points off it.
    """
    tree = scored.tree
    inside = np.bincount(tree.region[window].ravel(), minlength=tree.leaves)
    share = inside / tree.area[: tree.leaves]
    sets = {least: share >= least for least in QUALITY}
    choices = [
        _union(scored, leaves, inside, QUALITY[least]) for least, leaves in sets.items() if leaves.any()
    ]
    choices.append(_best_node(scored, inside))
    kept = [cut(tree, _with(choice, positive), positive, negative) for choice in choices]
    return different(tree, kept)


def _union(scored: ScoredTree, leaves: LeafSet, inside: NDArray[np.int64], quality: float) -> Choice:
    area = scored.tree.area[: scored.tree.leaves][leaves]
    fit = _fit(inside[leaves].sum(), area.sum(), inside.sum())
    stability = np.average(scored.stability[: scored.tree.leaves][leaves], weights=area)
    return Choice(leaves, quality * min(1.0, float(fit) / USUAL_FIT), float(stability))


def _best_node(scored: ScoredTree, inside: NDArray[np.int64]) -> Choice:
    shared = scored.tree.sums(inside.astype(np.float64))
    fit = _fit(shared, scored.tree.area, inside.sum())
    node = int(np.argmax(fit))
    choice = of_node(scored, node)
    return Choice(choice.leaves, choice.quality * float(fit[node]), choice.stability)


def _fit(shared: NDArray[np.float64], area: NDArray[np.int32], box: float) -> NDArray[np.float64]:
    """IoU with the box."""
    return np.asarray(shared / (area + box - shared))


def _with(choice: Choice, positive: Sequence[int]) -> Choice:
    leaves = choice.leaves.copy()
    leaves[list(positive)] = True
    return Choice(leaves, choice.quality, choice.stability)
