"""Candidates of point prompts: nodes that hold the points, scored by features of node and click."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats
from models.contour.candidates import (
    LeafCandidate,
    LeafSet,
    nms_leaf_sets,
    node_candidate,
    pick_distinct_sizes,
)
from models.contour.features import GROUP_COUNT, NODE_FEATURE_NAMES, FeatureColumns
from models.contour.frame import FramedPrompt
from models.contour.hierarchy import ScoredTree, leaf_affinity
from models.contour.ranker import Ranker
from models.contour.tree import NodeIndices, RegionTree

PLACE_COLUMNS = slice(NODE_FEATURE_NAMES.index("x"), NODE_FEATURE_NAMES.index("height") + 1)

COLOUR_COLUMNS = slice(NODE_FEATURE_NAMES.index("light"), NODE_FEATURE_NAMES.index("b") + 1)


@dataclass(frozen=True)
class Click:
    """Points on one object.

    Attributes:
        leaves: Leaves under the points, at least one.
        place: float64 [2], mean of the points as fractions of width and height.
    """

    leaves: Sequence[int]
    place: NDArray[np.float64]


def click_features(scored: ScoredTree, clicks: Sequence[Click], nodes: Sequence[NodeIndices]) -> Floats:
    """Return the features of the nodes that hold each click, one click after the other, float32 [R, F].

    Args:
        scored: The scored hierarchy.
        clicks: At least one click.
        nodes: Nodes that hold each click, smallest first.
    """
    alike = np.stack(
        [leaf_affinity(scored.descriptors, np.array(click.leaves)).mean(axis=1) for click in clicks], axis=1
    )
    groups = scored.descriptors[:, :GROUP_COUNT].astype(np.float64)
    own = np.stack([groups[list(click.leaves)].mean(axis=0) for click in clicks])
    named = groups[:, own[:, 1:].argmax(axis=1) + 1]
    area = scored.tree.area[: scored.tree.leaves, None]
    sums = [scored.tree.sums(values * area) for values in (alike, named)]
    rows = _NodeClickPairs(
        np.concatenate(nodes), np.repeat(np.arange(len(clicks)), [len(path) for path in nodes])
    )
    about = np.column_stack([own[:, 0], own[:, 1:].max(axis=1)])[rows.click]
    overlaps = [_overlap_features(scored, each, rows) for each in sums]
    return np.hstack(
        [scored.features[rows.node], *overlaps, about, _position_features(scored, clicks, rows)],
        dtype=np.float32,
    )


@dataclass(frozen=True)
class _NodeClickPairs:
    """Node and index of the click of each row, int64 [R]."""

    node: NodeIndices
    click: NodeIndices


def _overlap_features(scored: ScoredTree, sums: FeatureColumns, rows: _NodeClickPairs) -> FeatureColumns:
    """Return shares of leaves like the clicked one in the node and outside of it, IoU and area."""
    tree = scored.tree
    area, above = tree.area[rows.node], tree.parent[rows.node]
    inside, total = sums[rows.node, rows.click], sums[-1][rows.click]
    rest = (sums[above, rows.click] - inside) / np.maximum(tree.area[above] - area, 1)
    return np.column_stack(
        [inside / area, rest, inside / (area + total - inside), np.log(total / tree.region.size + 1e-6)]
    )


def _position_features(scored: ScoredTree, clicks: Sequence[Click], rows: _NodeClickPairs) -> FeatureColumns:
    """Return the offset of the click in the node, colour and size against the leaves under it, and depth."""
    features = scored.features[rows.node]
    centre, size = np.split(features[:, PLACE_COLUMNS], 2, axis=1)
    off = np.abs(np.stack([click.place for click in clicks])[rows.click] - centre) / size
    under = np.stack(
        [scored.features[list(click.leaves)][:, COLOUR_COLUMNS].mean(axis=0) for click in clicks]
    )
    colour = np.abs(features[:, COLOUR_COLUMNS] - under[rows.click]).sum(axis=1)
    area = np.array([scored.tree.area[list(click.leaves)].mean() for click in clicks])
    growth = np.log(scored.tree.area[rows.node] / area[rows.click])
    count = np.bincount(rows.click)
    first = np.cumsum(count) - count
    step = (np.arange(len(rows.click)) - first[rows.click]) / np.maximum(count - 1, 1)[rows.click]
    return np.column_stack([off, colour, growth, step])


UNION_QUALITY_FACTOR = 0.9
"""Factor from the quality of the worst node to that of a union of nodes."""

CUT_QUALITY_FACTOR = 0.8
"""Factor of the quality of a node that a part was removed from."""


@dataclass(frozen=True)
class NodePath:
    """Nodes that hold all points of a click, with their quality.

    Attributes:
        nodes: int64 [K], smallest first.
        quality: float32 [K], predicted IoU.
    """

    nodes: NodeIndices
    quality: Floats


def leaves_under(tree: RegionTree, points: np.ndarray[tuple[int, int], np.dtype[np.int64]]) -> list[int]:
    """Return the leaf under each point [K, 2]."""
    leaves: list[int] = tree.region[points[:, 1], points[:, 0]].tolist()
    return leaves


def point_candidates(
    scored: ScoredTree, ranker: Ranker, prompts: Sequence[FramedPrompt]
) -> list[list[LeafCandidate]]:
    """Return the candidates of each prompt, best first, at least one.

    Args:
        scored: The scored hierarchy.
        ranker: Scores nodes.
        prompts: Prompts without boxes, each with a positive point.
    """
    clicks = [_prompt_clicks(scored.tree, prompt) for prompt in prompts]
    paths = iter(_score_paths(scored, ranker, [click for each in clicks for click in each]))
    pairs = zip(prompts, clicks, strict=True)
    return [_candidates_of_prompt(scored, prompt, [next(paths) for _ in each]) for prompt, each in pairs]


def _prompt_clicks(tree: RegionTree, prompt: FramedPrompt) -> list[Click]:
    """Return all positive points as one click, then each leaf as a click if they are on several leaves."""
    leaves, places = leaves_under(tree, prompt.positive), (prompt.positive + 0.5) / tree.region.shape[::-1]
    whole = Click(leaves, places.mean(axis=0))
    first = dict(zip(reversed(leaves), reversed(places), strict=True))
    return [whole] if len(first) == 1 else [whole, *(Click([leaf], first[leaf]) for leaf in sorted(first))]


def _score_paths(scored: ScoredTree, ranker: Ranker, clicks: Sequence[Click]) -> list[NodePath]:
    nodes = [_common_nodes(scored.tree, click.leaves) for click in clicks]
    if not clicks:
        return []
    quality = ranker.iou(click_features(scored, clicks, nodes))
    ends = np.cumsum([len(each) for each in nodes])[:-1]
    return [NodePath(*each) for each in zip(nodes, np.split(quality, ends), strict=True)]


def _candidates_of_prompt(
    scored: ScoredTree, prompt: FramedPrompt, paths: Sequence[NodePath]
) -> list[LeafCandidate]:
    whole, alone = paths[0], paths[1:]
    if not alone and not len(prompt.negative):
        picked = pick_distinct_sizes(whole.quality, scored.tree.area[whole.nodes])
        return [
            node_candidate(scored, int(whole.nodes[index]), float(whole.quality[index])) for index in picked
        ]
    choices = _path_candidates(scored, whole)
    if alone:
        choices.append(
            _union_candidate(
                [max(_path_candidates(scored, path), key=lambda each: each.quality) for path in alone]
            )
        )
    positive, negative = (leaves_under(scored.tree, each) for each in (prompt.positive, prompt.negative))
    return nms_leaf_sets(
        scored.tree, [remove_negative_nodes(scored.tree, choice, positive, negative) for choice in choices]
    )


def _path_candidates(scored: ScoredTree, path: NodePath) -> list[LeafCandidate]:
    pairs = zip(path.nodes.tolist(), path.quality.tolist(), strict=True)
    return [node_candidate(scored, node, quality) for node, quality in pairs]


def remove_negative_nodes(
    tree: RegionTree, choice: LeafCandidate, positive: Sequence[int], negative: Sequence[int]
) -> LeafCandidate:
    """Return the candidate without the largest node around each negative leaf that holds no positive leaf.

    Without positive leaves the node is also no larger than half the candidate. Nothing is removed if nothing
    would be left.
    """
    removed = np.zeros_like(choice.leaves)
    limit = np.inf if positive else tree.area[: tree.leaves][choice.leaves].sum() / 2
    for leaf in negative:
        if choice.leaves[leaf] and leaf not in positive:
            removed |= largest_node(tree, leaf, positive, limit)
    rest = choice.leaves & ~removed
    if not removed.any() or not rest.any():
        return choice
    return replace(choice, leaves=rest, quality=choice.quality * CUT_QUALITY_FACTOR)


def largest_node(tree: RegionTree, leaf: int, others: Sequence[int], limit: float) -> LeafSet:
    """Return the largest node with `leaf`, none of the other leaves and at most `limit` pixels.

    The leaf itself always counts.
    """
    path = tree.path(leaf)
    allowed = np.ones(len(path), np.bool_)
    for other in others:
        allowed &= ~tree.holds(path, other)
    node = path[allowed & ((tree.area[path] <= limit) | (path == leaf))][-1]
    found = np.zeros(tree.leaves, np.bool_)
    found[tree.lo[node] : tree.hi[node]] = True
    return found


def _common_nodes(tree: RegionTree, leaves: Sequence[int]) -> NodeIndices:
    """Return all nodes that hold all of the leaves, smallest first."""
    path = tree.path(leaves[0])
    return path[tree.holds(path, min(leaves)) & tree.holds(path, max(leaves))]


def _union_candidate(choices: Sequence[LeafCandidate]) -> LeafCandidate:
    leaves = np.logical_or.reduce([choice.leaves for choice in choices])
    quality = UNION_QUALITY_FACTOR * min(choice.quality for choice in choices)
    return LeafCandidate(leaves, quality, min(choice.stability for choice in choices))
