"""Features of the nodes of a region tree, from which rankers predict the quality."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats, Rgb
from models.contour.network import ContourMaps
from models.contour.superpixels import Superpixels
from models.contour.tree import RegionTree

SAMPLING_STEP_PX = 4
"""Step in pixels of the rows and columns that are sampled."""

GROUP_COUNT = 26
"""Number of class groups: the first columns are their probabilities, background first; the rest is the
vector."""


def superpixel_descriptors(regions: Floats, region: NDArray[np.int32], count: int) -> Floats:
    """Return the mean of the coarse map over each superpixel, float32 [count, C].

    Args:
        regions: Coarse map float32 [rows, columns, C] that covers the image.
        region: int32 [h, w], the superpixel of each pixel, 0 .. count - 1.
        count: Number of superpixels.
    """
    some = region[SAMPLING_STEP_PX // 2 :: SAMPLING_STEP_PX, SAMPLING_STEP_PX // 2 :: SAMPLING_STEP_PX]
    values = cv2.resize(regions, some.shape[::-1], interpolation=cv2.INTER_LINEAR).reshape(some.size, -1)
    order = np.argsort(some, axis=None, kind="stable")
    present, start = np.unique(some.ravel()[order], return_index=True)
    sums = np.add.reduceat(values[order], start, axis=0)
    means = _sample_centres(regions, region, count)
    means[present] = sums / np.diff(np.append(start, some.size))[:, None]
    return means


def _sample_centres(regions: Floats, region: NDArray[np.int32], count: int) -> Floats:
    """Return the coarse map at the centre of each superpixel, for those too small to be sampled."""
    height, width = region.shape
    rows, columns = np.mgrid[:height, :width]
    area = np.bincount(region.ravel(), minlength=count)
    y, x = (
        np.bincount(region.ravel(), place.ravel(), count) / area / size * cells
        for place, size, cells in zip((rows, columns), region.shape, regions.shape[:2], strict=True)
    )
    return np.array(regions[y.astype(np.int64), x.astype(np.int64)], np.float32)


FeatureColumns = NDArray[np.float64]
"""Feature columns: float64 [N, columns]."""


def shape_features(tree: RegionTree) -> FeatureColumns:
    """Return centre, size, fill of the box, contact with the frame, aspect and inset, float64 [N, 8].

    Positions and sizes are fractions of the image.
    """
    height, width = tree.region.shape
    rows, columns = np.mgrid[:height, :width]
    places = np.stack([columns.ravel() / width, rows.ravel() / height], axis=1)
    frame = np.zeros((height, width))
    frame[[0, -1]] = frame[:, [0, -1]] = 1.0
    leaf = tree.region.ravel()
    values = (*places.T, frame.ravel())
    sums = tree.sums(np.stack([np.bincount(leaf, each, tree.leaves) for each in values], axis=1))
    low, high = (ends / [width, height] for ends in _node_boxes(tree))
    size = high - low + [1 / width, 1 / height]
    filled = tree.area / tree.region.size / (size[:, 0] * size[:, 1])
    touch = sums[:, 2] / np.sqrt(tree.area)
    aspect = np.log(size[:, 0] * width / (size[:, 1] * height))
    centre = sums[:, :2] / tree.area[:, None]
    inset = np.minimum(low, 1 - high - [1 / width, 1 / height]).min(axis=1)
    return np.column_stack([centre, size, filled, touch, aspect, inset])


def _node_boxes(tree: RegionTree) -> tuple[FeatureColumns, FeatureColumns]:
    """Return the lowest and the highest column and row of every node, each [N, 2]."""
    low, high = np.full((tree.leaves + 1, 2), np.inf), np.full((tree.leaves + 1, 2), -np.inf)
    for axis, region in enumerate((tree.region.T, tree.region)):
        leaf, place = region.ravel(), np.repeat(np.arange(len(region)), region.shape[1])
        # The last of several values assigned to one element stays, which is much faster than minimum.at.
        low[leaf[::-1], axis], high[leaf, axis] = place[::-1], place
    cuts = np.column_stack([tree.lo, tree.hi]).ravel()
    return np.minimum.reduceat(low, cuts)[::2], np.maximum.reduceat(high, cuts)[::2]


GAP_THRESHOLD = 0.15
"""Mean probability below which a piece of border counts as a gap."""


def outline_features(
    tree: RegionTree,
    superpixels: Superpixels,
    rank: NDArray[np.int32],
    vectors: NDArray[np.float32],
    colours: FeatureColumns,
) -> FeatureColumns:
    """Return means along the whole outline of each node, float64 [N, 7].

    They are: edge and its share of gaps, length against the area, outline of objects and its gaps, and the
    change of vectors and colours across the outline.

    Args:
        tree: The region tree.
        superpixels: Superpixels of the tree.
        rank: int32 [superpixels], the leaf that each superpixel became.
        vectors: float32 [leaves, D].
        colours: float64 [leaves, 3], Lab.
    """
    ends = rank[superpixels.links]
    one, other = ends.T
    step = ((vectors[one] - vectors[other]) ** 2).sum(axis=1)
    colour = np.sqrt(((colours[one] - colours[other]) ** 2).sum(axis=1))
    edge, outline = superpixels.edge, superpixels.outline
    means = np.column_stack(
        [edge, edge < GAP_THRESHOLD, np.ones(len(edge)), outline, outline < GAP_THRESHOLD, step, colour]
    )
    sums = _sum_boundary_links(tree, ends, means * superpixels.length[:, None])
    length = np.maximum(sums[:, 2:3], 1.0)
    return np.hstack([sums[:, :2] / length, length / np.sqrt(tree.area)[:, None], sums[:, 3:] / length])


def _sum_boundary_links(tree: RegionTree, ends: NDArray[np.int32], values: FeatureColumns) -> FeatureColumns:
    """Return the sums of the values of links [L, C] that lead out of each node, [N, C]."""
    sums = np.zeros((len(tree.parent), values.shape[1]))
    for side in range(2):
        np.add.at(sums, ends[:, side], values)
    np.add.at(sums, _common_ancestor(tree, ends), -2 * values)
    return _accumulate_upward(tree, sums)


def _accumulate_upward(tree: RegionTree, sums: FeatureColumns) -> FeatureColumns:
    """Add the values of each node to all its ancestors."""
    for node in range(len(tree.parent) - 1):
        sums[tree.parent[node]] += sums[node]
    return sums


def _common_ancestor(tree: RegionTree, ends: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the smallest node that contains both leaves of each pair [L, 2]."""
    node, other = ends[:, 0], ends[:, 1]
    while True:
        misses = (other < tree.lo[node]) | (other >= tree.hi[node])
        if not misses.any():
            return node
        node = np.where(misses, tree.parent[node], node)


STABILITY_SHIFT = 0.03
"""Change of the altitude threshold under which a stable mask stays the same."""

NODE_FEATURE_NAMES = (
    "altitude", "above", "gap", "next_gap", "log_share", "log_growth", "log_next_growth", "log_leaves",
    "largest_child", "edge", "edge_above", "light", "a", "b", "light_spread", "a_spread", "b_spread",
    "light_contrast", "a_contrast", "b_contrast",
    "x", "y", "width", "height", "filled", "frame", "aspect", "inset",
    "border", "border_gaps", "border_length", "outline", "outline_gaps", "vector_step", "colour_step",
    "background", "group", "entropy", "background_above", "group_above", "group_rest", "vector_spread",
    "vector_rest", "outline_inside", "stability",
)  # fmt: skip
"""Names of the columns, in order."""


def feature_column(features: Floats, name: str) -> Floats:
    """Return one column, float32 [N]."""
    return features[:, NODE_FEATURE_NAMES.index(name)]


@dataclass(frozen=True)
class FeatureInputs:
    """Inputs of the features.

    Attributes:
        superpixels: Superpixels of the tree.
        rank: int32 [superpixels], the leaf that each superpixel became.
        maps: Predictions of the network.
        rgb: Image at the working resolution, uint8 [h, w, 3].
        descriptors: float32 [leaves, C], means of the coarse map.
    """

    superpixels: Superpixels
    rank: NDArray[np.int32]
    maps: ContourMaps
    rgb: Rgb
    descriptors: Floats


def node_features(tree: RegionTree, inputs: FeatureInputs) -> Floats:
    """Return the features of every node, float32 [N, F]."""
    lab = cv2.cvtColor(inputs.rgb, cv2.COLOR_RGB2LAB).reshape(-1, 3).astype(np.float64)
    boundaries = [inputs.maps.edges.reshape(-1, 1), inputs.maps.outlines.reshape(-1, 1)]
    sums = _leaf_sums(tree, np.hstack([lab, lab**2, *boundaries]).astype(np.float64))
    colours = sums[: tree.leaves, :3] / tree.area[: tree.leaves, None]
    return np.hstack(
        [
            _altitude_features(tree),
            _colour_features(tree, sums),
            shape_features(tree),
            outline_features(
                tree, inputs.superpixels, inputs.rank, inputs.descriptors[:, GROUP_COUNT:], colours
            ),
            _semantic_features(tree, inputs.descriptors.astype(np.float64)),
            sums[:, 7:8] / tree.area[:, None],
            node_stability(tree)[:, None],
        ]
    ).astype(np.float32)


def node_stability(tree: RegionTree) -> Floats:
    """Return the IoU of each node with the node it grows into when the threshold rises, float32 [N], 0..1.

    The threshold starts in the middle of the altitudes between which the node exists, and rises by
    STABILITY_SHIFT.
    """
    threshold = (tree.altitude + tree.altitude[tree.parent]) / 2 + STABILITY_SHIFT
    node = np.arange(len(tree.parent))
    while True:
        above = tree.parent[node]
        rises = (above != node) & (tree.altitude[above] <= threshold)
        if not rises.any():
            return (tree.area / tree.area[node]).astype(np.float32)
        node = np.where(rises, above, node)


def _leaf_sums(tree: RegionTree, values: FeatureColumns) -> FeatureColumns:
    """Return the sums of pixel values [pixels, C] over every node, [N, C]."""
    leaf = tree.region.ravel()
    return tree.sums(np.stack([np.bincount(leaf, each, tree.leaves) for each in values.T], axis=1))


def _altitude_features(tree: RegionTree) -> FeatureColumns:
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


def _largest_child(tree: RegionTree) -> NDArray[np.float64]:
    """Return the share of each node that its larger child covers; 1 for leaves."""
    largest = np.zeros(len(tree.parent))
    np.maximum.at(largest, tree.parent[:-1], tree.area[:-1])
    largest[: tree.leaves] = tree.area[: tree.leaves]
    return np.asarray(largest / tree.area)


def _colour_features(tree: RegionTree, sums: FeatureColumns) -> FeatureColumns:
    """Return the mean edge of node and parent, mean and spread of Lab, and the contrast with the sibling."""
    mean = sums / tree.area[:, None]
    spread = np.sqrt(np.maximum(mean[:, 3:6] - mean[:, :3] ** 2, 0))
    contrast = np.abs(_sibling_mean(tree, sums)[:, :3] - mean[:, :3])
    return np.hstack([mean[:, 6:7], mean[tree.parent, 6:7], mean[:, :3], spread, _zero_root(tree, contrast)])


def _semantic_features(tree: RegionTree, descriptors: FeatureColumns) -> FeatureColumns:
    """Return class groups of the node and its parent, and distances of groups and vectors to the sibling."""
    area = tree.area[: tree.leaves, None]
    length = (descriptors[:, GROUP_COUNT:] ** 2).sum(axis=1, keepdims=True)
    sums = tree.sums(np.hstack([descriptors, length]) * area)
    mean, rest = sums / tree.area[:, None], _sibling_mean(tree, sums)
    group, vector = mean[:, :GROUP_COUNT], mean[:, GROUP_COUNT:-1]
    likely = np.column_stack([group[:, 0], group[:, 1:].max(axis=1)])
    entropy = -(group * np.log(group + 1e-6)).sum(axis=1)
    apart = np.abs(rest[:, :GROUP_COUNT] - group).sum(axis=1) / 2
    spread = mean[:, -1] - (vector**2).sum(axis=1)
    step = ((rest[:, GROUP_COUNT:-1] - vector) ** 2).sum(axis=1)
    contrast = _zero_root(tree, np.column_stack([apart, spread, step]))
    return np.column_stack([likely, entropy, likely[tree.parent], contrast])


def _sibling_mean(tree: RegionTree, sums: FeatureColumns) -> FeatureColumns:
    """Return the mean over the parent without the node, [N, C]."""
    rest = np.maximum(tree.area[tree.parent] - tree.area, 1)[:, None]
    return np.asarray((sums[tree.parent] - sums) / rest)


def _zero_root(tree: RegionTree, contrast: FeatureColumns) -> FeatureColumns:
    """Set the row of the root, which has no sibling, to zero."""
    return np.asarray(contrast * (tree.parent != np.arange(len(contrast)))[:, None])
