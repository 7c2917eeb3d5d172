"""Answers point prompts: nodes that hold the positive points, without what the negative points mark."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from domain.arrays import Floats
from models.contour.candidates import Choice, LeafSet, different, of_node, spread_sizes
from models.contour.clicks import Click, click_rows
from models.contour.frame import Placed
from models.contour.ranker import Judge
from models.contour.scored import ScoredTree
from models.contour.tree import Nodes, Tree

UNION_QUALITY = 0.9
"""A union of nodes is worth this share of its worst node's quality."""

CUT_QUALITY = 0.8
"""A node that a part was cut from is worth this share of its quality."""


@dataclass(frozen=True)
class Path:
    """Nodes that hold all points of a click, and how well each fits it.

    Attributes:
        nodes: int64 [K], smallest first.
        quality: float32 [K], predicted IoU.
    """

    nodes: Nodes
    quality: Floats


def leaves_under(tree: Tree, points: np.ndarray[tuple[int, int], np.dtype[np.int64]]) -> list[int]:
    """The leaf under each point [K, 2]."""
    leaves: list[int] = tree.region[points[:, 1], points[:, 0]].tolist()
    return leaves


def point_choices(scored: ScoredTree, judge: Judge, prompts: Sequence[Placed]) -> list[list[Choice]]:
    """Candidates of each prompt, best first, at least one.

    Args:
        scored: The hierarchy.
        judge: Scores nodes.
        prompts: Without boxes, each with a positive point.
    """
    clicks = [_clicks(scored.tree, prompt) for prompt in prompts]
    paths = iter(_judged(scored, judge, [click for each in clicks for click in each]))
    pairs = zip(prompts, clicks, strict=True)
    return [_choices(scored, prompt, [next(paths) for _ in each]) for prompt, each in pairs]


def _clicks(tree: Tree, prompt: Placed) -> list[Click]:
    """All positive points together, then each leaf alone where they are on several."""
    leaves, places = leaves_under(tree, prompt.positive), (prompt.positive + 0.5) / tree.region.shape[::-1]
    whole = Click(leaves, places.mean(axis=0))
    first = dict(zip(reversed(leaves), reversed(places), strict=True))
    return [whole] if len(first) == 1 else [whole, *(Click([leaf], first[leaf]) for leaf in sorted(first))]


def _judged(scored: ScoredTree, judge: Judge, clicks: Sequence[Click]) -> list[Path]:
    nodes = [_common(scored.tree, click.leaves) for click in clicks]
    if not clicks:
        return []
    quality = judge.iou(click_rows(scored, clicks, nodes))
    ends = np.cumsum([len(each) for each in nodes])[:-1]
    return [Path(*each) for each in zip(nodes, np.split(quality, ends), strict=True)]


def _choices(scored: ScoredTree, prompt: Placed, paths: Sequence[Path]) -> list[Choice]:
    whole, alone = paths[0], paths[1:]
    if not alone and not len(prompt.negative):
        picked = spread_sizes(whole.quality, scored.tree.area[whole.nodes])
        return [of_node(scored, int(whole.nodes[index]), float(whole.quality[index])) for index in picked]
    choices = _of_path(scored, whole)
    if alone:
        choices.append(_union([max(_of_path(scored, path), key=lambda each: each.quality) for path in alone]))
    positive, negative = (leaves_under(scored.tree, each) for each in (prompt.positive, prompt.negative))
    return different(scored.tree, [cut(scored.tree, choice, positive, negative) for choice in choices])


def _of_path(scored: ScoredTree, path: Path) -> list[Choice]:
    pairs = zip(path.nodes.tolist(), path.quality.tolist(), strict=True)
    return [of_node(scored, node, quality) for node, quality in pairs]


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


def _union(choices: Sequence[Choice]) -> Choice:
    leaves = np.logical_or.reduce([choice.leaves for choice in choices])
    quality = UNION_QUALITY * min(choice.quality for choice in choices)
    return Choice(leaves, quality, min(choice.stability for choice in choices))
