"""Numbers that tell how likely a node is the object that was clicked on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats
from models.contour.affinity import affinity
from models.contour.descriptors import GROUPS
from models.contour.features import NAMES
from models.contour.scored import ScoredTree
from models.contour.tree import Nodes

Columns = NDArray[np.float64]

PLACE = slice(NAMES.index("x"), NAMES.index("height") + 1)
COLOUR = slice(NAMES.index("light"), NAMES.index("b") + 1)


@dataclass(frozen=True)
class Click:
    """Points on one object.

    Attributes:
        leaves: Under the points, at least one.
        place: float64 [2], mean of the points as shares of width and height.
    """

    leaves: Sequence[int]
    place: NDArray[np.float64]


def click_rows(scored: ScoredTree, clicks: Sequence[Click], nodes: Sequence[Nodes]) -> Floats:
    """Features of the nodes that hold each click, one click after the other, float32 [R, F].

    Args:
        scored: The hierarchy.
        clicks: At least one.
        nodes: Of each click, smallest first.
    """
    alike = np.stack(
        [affinity(scored.descriptors, np.array(click.leaves)).mean(axis=1) for click in clicks], axis=1
    )
    groups = scored.descriptors[:, :GROUPS].astype(np.float64)
    own = np.stack([groups[list(click.leaves)].mean(axis=0) for click in clicks])
    named = groups[:, own[:, 1:].argmax(axis=1) + 1]
    area = scored.tree.area[: scored.tree.leaves, None]
    sums = [scored.tree.sums(values * area) for values in (alike, named)]
    rows = _Rows(np.concatenate(nodes), np.repeat(np.arange(len(clicks)), [len(path) for path in nodes]))
    about = np.column_stack([own[:, 0], own[:, 1:].max(axis=1)])[rows.click]
    shares = [_shares(scored, each, rows) for each in sums]
    return np.hstack(
        [scored.features[rows.node], *shares, about, _placed(scored, clicks, rows)], dtype=np.float32
    )


@dataclass(frozen=True)
class _Rows:
    """Node and number of the click of each row, int64 [R]."""

    node: Nodes
    click: Nodes


def _shares(scored: ScoredTree, sums: Columns, rows: _Rows) -> Columns:
    """Of leaves like the clicked one: share of the node, of the parent's rest, expected IoU, how many."""
    tree = scored.tree
    area, above = tree.area[rows.node], tree.parent[rows.node]
    inside, total = sums[rows.node, rows.click], sums[-1][rows.click]
    rest = (sums[above, rows.click] - inside) / np.maximum(tree.area[above] - area, 1)
    return np.column_stack(
        [inside / area, rest, inside / (area + total - inside), np.log(total / tree.region.size + 1e-6)]
    )


def _placed(scored: ScoredTree, clicks: Sequence[Click], rows: _Rows) -> Columns:
    """Where in the node the click is, how the node differs from what is under it, place in the path."""
    features = scored.features[rows.node]
    centre, size = np.split(features[:, PLACE], 2, axis=1)
    off = np.abs(np.stack([click.place for click in clicks])[rows.click] - centre) / size
    under = np.stack([scored.features[list(click.leaves)][:, COLOUR].mean(axis=0) for click in clicks])
    colour = np.abs(features[:, COLOUR] - under[rows.click]).sum(axis=1)
    area = np.array([scored.tree.area[list(click.leaves)].mean() for click in clicks])
    growth = np.log(scored.tree.area[rows.node] / area[rows.click])
    count = np.bincount(rows.click)
    first = np.cumsum(count) - count
    step = (np.arange(len(rows.click)) - first[rows.click]) / np.maximum(count - 1, 1)[rows.click]
    return np.column_stack([off, colour, growth, step])
