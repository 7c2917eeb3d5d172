"""Numbers that tell how likely a node of the tree is a whole object."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats, Rgb
from models.contour.descriptors import GROUPS
from models.contour.network import Maps
from models.contour.outline import outlines
from models.contour.shape import shape
from models.contour.superpixels import Superpixels
from models.contour.tree import Tree

SHIFT = 0.03
"""Change of the altitude threshold under which a mask should stay the same."""

Columns = NDArray[np.float64]
"""float64 [N, columns]."""

NAMES = (
    "altitude", "above", "gap", "next_gap", "log_share", "log_growth", "log_next_growth", "log_leaves",
    "largest_child", "edge", "edge_above", "light", "a", "b", "light_spread", "a_spread", "b_spread",
    "light_contrast", "a_contrast", "b_contrast",
    "x", "y", "width", "height", "filled", "frame", "aspect", "inset",
    "border", "border_gaps", "border_length", "outline", "outline_gaps", "vector_step", "colour_step",
    "background", "group", "entropy", "background_above", "group_above", "group_rest", "vector_spread",
    "vector_rest", "outline_inside", "stability",
)  # fmt: skip
"""Of the columns, in order."""


def column(features: Floats, name: str) -> Floats:
    """One column, float32 [N]."""
    return features[:, NAMES.index(name)]


@dataclass(frozen=True)
class Seen:
    """What features are measured on.

    Attributes:
        superpixels: What the tree was built from.
        rank: int32 [superpixels], the leaf each became.
        maps: From the network.
        rgb: uint8 [h, w, 3] at the working resolution.
        descriptors: float32 [leaves, C], means of the coarse map.
    """

    superpixels: Superpixels
    rank: NDArray[np.int32]
    maps: Maps
    rgb: Rgb
    descriptors: Floats


def node_features(tree: Tree, seen: Seen) -> Floats:
    """Features of every node, float32 [N, F]."""
    lab = cv2.cvtColor(seen.rgb, cv2.COLOR_RGB2LAB).reshape(-1, 3).astype(np.float64)
    boundaries = [seen.maps.edges.reshape(-1, 1), seen.maps.outlines.reshape(-1, 1)]
    sums = _leaf_sums(tree, np.hstack([lab, lab**2, *boundaries]).astype(np.float64))
    colours = sums[: tree.leaves, :3] / tree.area[: tree.leaves, None]
    return np.hstack(
        [
            _levels(tree),
            _colours(tree, sums),
            shape(tree),
            outlines(tree, seen.superpixels, seen.rank, seen.descriptors[:, GROUPS:], colours),
            _meaning(tree, seen.descriptors.astype(np.float64)),
            sums[:, 7:8] / tree.area[:, None],
            stability(tree)[:, None],
        ]
    ).astype(np.float32)


def stability(tree: Tree) -> Floats:
    """IoU of each node with what it grows into when the altitude threshold rises, float32 [N], 0..1.

    The threshold starts in the middle of the altitudes at which the node stands, and rises by SHIFT.
    """
    threshold = (tree.altitude + tree.altitude[tree.parent]) / 2 + SHIFT
    node = np.arange(len(tree.parent))
    while True:
        above = tree.parent[node]
        rises = (above != node) & (tree.altitude[above] <= threshold)
        if not rises.any():
            return (tree.area / tree.area[node]).astype(np.float32)
        node = np.where(rises, above, node)


def _leaf_sums(tree: Tree, values: Columns) -> Columns:
    """Sums of pixel values [pixels, C] over every node, [N, C]."""
    leaf = tree.region.ravel()
    return tree.sums(np.stack([np.bincount(leaf, each, tree.leaves) for each in values.T], axis=1))


def _levels(tree: Tree) -> Columns:
    own, above = tree.altitude, tree.altitude[tree.parent]
    share = tree.area / tree.region.size
    growth = np.log(tree.area[tree.parent] / tree.area)
    second = tree.parent[tree.parent]
    next_growth = np.log(tree.area[second] / tree.area)
    gaps = [above - own, tree.altitude[second] - above]
    leaves = np.log(tree.hi - tree.lo)
    return np.stack(
        [own, above, *gaps, np.log(share), growth, next_growth, leaves, _largest_child(tree)], axis=1
    )


def _largest_child(tree: Tree) -> NDArray[np.float64]:
    """Share of each node that its larger child takes; 1 for leaves."""
    largest = np.zeros(len(tree.parent))
    np.maximum.at(largest, tree.parent[:-1], tree.area[:-1])
    largest[: tree.leaves] = tree.area[: tree.leaves]
    return np.asarray(largest / tree.area)


def _colours(tree: Tree, sums: Columns) -> Columns:
    """Mean edge here and above, mean and spread of Lab, and the contrast with the sibling."""
    mean = sums / tree.area[:, None]
    spread = np.sqrt(np.maximum(mean[:, 3:6] - mean[:, :3] ** 2, 0))
    contrast = np.abs(_rest(tree, sums)[:, :3] - mean[:, :3])
    return np.hstack([mean[:, 6:7], mean[tree.parent, 6:7], mean[:, :3], spread, _below_root(tree, contrast)])


def _meaning(tree: Tree, descriptors: Columns) -> Columns:
    """Groups and vectors: of the node, of its parent, and how far they are from the sibling's."""
    area = tree.area[: tree.leaves, None]
    length = (descriptors[:, GROUPS:] ** 2).sum(axis=1, keepdims=True)
    sums = tree.sums(np.hstack([descriptors, length]) * area)
    mean, rest = sums / tree.area[:, None], _rest(tree, sums)
    group, vector = mean[:, :GROUPS], mean[:, GROUPS:-1]
    likely = np.column_stack([group[:, 0], group[:, 1:].max(axis=1)])
    entropy = -(group * np.log(group + 1e-6)).sum(axis=1)
    apart = np.abs(rest[:, :GROUPS] - group).sum(axis=1) / 2
    spread = mean[:, -1] - (vector**2).sum(axis=1)
    step = ((rest[:, GROUPS:-1] - vector) ** 2).sum(axis=1)
    contrast = _below_root(tree, np.column_stack([apart, spread, step]))
    return np.column_stack([likely, entropy, likely[tree.parent], contrast])


def _rest(tree: Tree, sums: Columns) -> Columns:
    """Mean over what the parent has besides the node, [N, C]."""
    rest = np.maximum(tree.area[tree.parent] - tree.area, 1)[:, None]
    return np.asarray((sums[tree.parent] - sums) / rest)


def _below_root(tree: Tree, contrast: Columns) -> Columns:
    """The same with zeros for the root, which has no sibling."""
    return np.asarray(contrast * (tree.parent != np.arange(len(contrast)))[:, None])
