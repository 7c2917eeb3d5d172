"""Numbers that tell how likely a node of the tree is a whole object."""

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.types import Floats, Rgb
from models.segmenters.contour.superpixels import Superpixels
from models.segmenters.contour.tree import Tree

WEAK = 0.15
"""Mean edge probability below which a piece of border counts as a gap."""

STABILITY = -1
"""Column of the features that holds the stability."""

SHIFT = 0.03
"""Change of the altitude threshold under which a mask should stay the same."""

Columns = NDArray[np.float64]
"""float64 [N, columns]."""


def node_features(
    tree: Tree, superpixels: Superpixels, rank: NDArray[np.int32], edges: Floats, rgb: Rgb
) -> Floats:
    """Features of every node, float32 [N, F].

    Args:
        tree: The hierarchy of the image.
        superpixels: What it was built from.
        rank: The leaf each superpixel became.
        edges: float32 [h, w].
        rgb: uint8 [h, w, 3] at the working resolution.
    """
    lab = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB).reshape(-1, 3).astype(np.float64)
    columns = np.hstack(
        [_levels(tree), _colours(tree, edges, lab), _shape(tree), _borders(tree, superpixels, rank)]
    )
    return np.concatenate([columns, stability(tree)[:, None]], axis=1).astype(np.float32)


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
    sums = [np.bincount(leaf, column, tree.leaves) for column in values.T]
    return tree.sums(np.stack(sums, axis=1))


def _levels(tree: Tree) -> Columns:
    own, above = tree.altitude, tree.altitude[tree.parent]
    share = tree.area / tree.region.size
    growth = np.log(tree.area[tree.parent] / tree.area)
    second = tree.parent[tree.parent]
    return np.stack(
        [
            own,
            above,
            above - own,
            tree.altitude[second] - above,
            np.log(share),
            growth,
            np.log(tree.area[second] / tree.area),
            np.log(tree.hi - tree.lo),
            _largest_child(tree),
        ],
        axis=1,
    )


def _largest_child(tree: Tree) -> NDArray[np.float64]:
    """Share of each node that its larger child takes; 1 for leaves."""
    largest = np.zeros(len(tree.parent))
    np.maximum.at(largest, tree.parent[:-1], tree.area[:-1])
    largest[: tree.leaves] = tree.area[: tree.leaves]
    return np.asarray(largest / tree.area)


def _colours(tree: Tree, edges: Floats, lab: Columns) -> Columns:
    """Mean edge, mean and spread of Lab, and the contrast with the parent and with the sibling."""
    values = np.concatenate([edges.reshape(-1, 1), lab, lab**2], axis=1)
    sums = _leaf_sums(tree, values)
    mean = sums / tree.area[:, None]
    spread = np.sqrt(np.maximum(mean[:, 4:] - mean[:, 1:4] ** 2, 0))
    rest = np.maximum(tree.area[tree.parent] - tree.area, 1)[:, None]
    sibling = (sums[tree.parent] - sums) / rest
    contrast = np.abs(sibling[:, 1:4] - mean[:, 1:4]) * (tree.parent != np.arange(len(sums)))[:, None]
    return np.hstack([mean[:, :1], mean[tree.parent, :1], mean[:, 1:4], spread, contrast])


def _shape(tree: Tree) -> Columns:
    """Centre, box, how full the box is, and how much of the frame the node touches."""
    height, width = tree.region.shape
    rows, columns = np.mgrid[:height, :width]
    places = np.stack([columns.ravel() / width, rows.ravel() / height], axis=1)
    frame = np.zeros((height, width))
    frame[[0, -1]] = frame[:, [0, -1]] = 1.0
    sums = _leaf_sums(tree, np.column_stack([places, frame.ravel()]))
    low, high = _boxes(tree, places)
    size = high - low + [1 / width, 1 / height]
    filled = tree.area / tree.region.size / (size[:, 0] * size[:, 1])
    touch = sums[:, 2] / np.sqrt(tree.area)
    aspect = np.log(size[:, 0] * width / (size[:, 1] * height))
    centre = sums[:, :2] / tree.area[:, None]
    inset = np.minimum(low, 1 - high - [1 / width, 1 / height]).min(axis=1)
    return np.column_stack([centre, size, filled, touch, aspect, inset])


def _boxes(tree: Tree, places: Columns) -> tuple[Columns, Columns]:
    """Least and greatest coordinates of every node, each [N, 2]."""
    low, high = np.full((tree.leaves + 1, 2), np.inf), np.full((tree.leaves + 1, 2), -np.inf)
    np.minimum.at(low, tree.region.ravel(), places)
    np.maximum.at(high, tree.region.ravel(), places)
    cuts = np.column_stack([tree.lo, tree.hi]).ravel()
    return np.minimum.reduceat(low, cuts)[::2], np.maximum.reduceat(high, cuts)[::2]


def _borders(tree: Tree, superpixels: Superpixels, rank: NDArray[np.int32]) -> Columns:
    """Mean edge along the whole outline, its share of gaps, and its length against the area."""
    ends = rank[superpixels.links]
    weak = superpixels.length * (superpixels.strength < WEAK)
    values = np.column_stack([superpixels.strength * superpixels.length, superpixels.length, weak])
    sums = np.zeros((len(tree.parent), 3))
    for side in range(2):
        np.add.at(sums, ends[:, side], values)
    np.add.at(sums, _common(tree, ends), -2 * values)
    for node in range(len(tree.parent) - 1):
        sums[tree.parent[node]] += sums[node]
    length = np.maximum(sums[:, 1], 1.0)
    return np.column_stack([sums[:, 0] / length, sums[:, 2] / length, sums[:, 1] / np.sqrt(tree.area)])


def _common(tree: Tree, ends: NDArray[np.int32]) -> NDArray[np.int32]:
    """The smallest node that contains both leaves of each pair [L, 2]."""
    node, other = ends[:, 0], ends[:, 1]
    while True:
        misses = (other < tree.lo[node]) | (other >= tree.hi[node])
        if not misses.any():
            return node
        node = np.where(misses, tree.parent[node], node)
