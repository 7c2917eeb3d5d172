"""Answers box prompts: the leaves most likely to belong to what the box is around, at several sizes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.contour.boxed import boxed
from models.contour.candidates import Choice, LeafSet, different
from models.contour.features import column
from models.contour.frame import Window
from models.contour.points import cut
from models.contour.ranker import Judge
from models.contour.scored import ScoredTree

SIZES = (0.35, 0.65)
"""Besides the set of leaves expected to fit best, those at least this likely."""


def box_choices(
    scored: ScoredTree, judge: Judge, window: Window, positive: Sequence[int], negative: Sequence[int]
) -> list[Choice]:
    """Candidates, best first, at least one.

    Args:
        scored: The hierarchy.
        judge: Scores leaves.
        window: The box, at least one pixel.
        positive: Leaves under points on the object.
        negative: Leaves under points off it.
    """
    tree = scored.tree
    found = boxed(scored, window)
    share = np.zeros(tree.leaves)
    share[found.leaves] = judge.share(found.rows)
    share[list(positive)] = 1.0
    share[[leaf for leaf in negative if leaf not in positive]] = 0.0
    sets = [_best(scored, share), *(share >= least for least in SIZES)]
    choices = [_choice(scored, share, leaves) for leaves in sets if leaves.any()]
    return different(tree, [cut(tree, choice, positive, negative) for choice in choices])


def _best(scored: ScoredTree, share: NDArray[np.float64]) -> LeafSet:
    """The likeliest leaves, as many as make the expected IoU greatest; at least one."""
    area = scored.tree.area[: scored.tree.leaves]
    order = np.argsort(-share, kind="stable")
    inside = np.cumsum((share * area)[order])
    expected = inside / (np.cumsum(area[order]) + inside[-1] - inside)
    leaves = np.zeros(len(share), np.bool_)
    leaves[order[: int(np.argmax(expected)) + 1]] = True
    return leaves


def _choice(scored: ScoredTree, share: NDArray[np.float64], leaves: LeafSet) -> Choice:
    """With the expected IoU as its quality."""
    area = scored.tree.area[: scored.tree.leaves]
    inside = (share * area)[leaves].sum()
    quality = inside / (area[leaves].sum() + (share * area)[~leaves].sum())
    stability = np.average(column(scored.features, "stability")[: len(area)][leaves], weights=area[leaves])
    return Choice(leaves, float(quality), float(stability))
