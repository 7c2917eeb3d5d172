"""The arrays of the tree say the same about every node."""

import numpy as np

from domain.masks import Embedding
from models.contour.features import node_stability
from models.contour.hierarchy import ScoredTree
from models.contour.superpixels import compute_superpixels
from models.contour.tree import RegionTree, build_region_tree, merge_superpixels


def test_nodes_are_intervals_of_leaves(tree: RegionTree) -> None:
    assert tree.lo.tolist()[-1] == 0
    assert tree.hi.tolist()[-1] == tree.leaves == 4
    assert sorted(zip(tree.lo.tolist(), tree.hi.tolist(), strict=True))[:3] == [(0, 1), (0, 2), (0, 4)]
    for node in range(len(tree.parent) - 1):
        above = tree.parent[node]
        assert tree.lo[above] <= tree.lo[node] < tree.hi[node] <= tree.hi[above]
        assert tree.altitude[node] <= tree.altitude[above]


def test_areas_count_pixels(tree: RegionTree) -> None:
    for node, area in enumerate(tree.area):
        assert np.sum((tree.region >= tree.lo[node]) & (tree.region < tree.hi[node])) == area


def test_weak_borders_merge_first(tree: RegionTree) -> None:
    assert tree.path(tree.region[0, 0].item())[1] == tree.path(tree.region[0, 15].item())[1] == 4
    assert tree.path(tree.region[0, 25].item())[1] == tree.path(tree.region[0, 35].item())[1] == 5


def test_sums_add_leaves_over_nodes(tree: RegionTree) -> None:
    assert np.array_equal(tree.sums(tree.area[: tree.leaves].astype(np.float64)), tree.area)


def test_stability_is_an_iou(tree: RegionTree) -> None:
    values = node_stability(tree)
    assert ((values > 0) & (values <= 1)).all()
    assert values[-1] == 1


def test_scored_tree_survives_an_embedding(embedding: Embedding) -> None:
    again = ScoredTree.of(embedding.arrays).arrays()
    assert all(np.array_equal(again[name], array) for name, array in embedding.arrays.items())


def test_flat_edges_make_one_leaf() -> None:
    regions = compute_superpixels(*np.zeros((2, 16, 20), np.float32))
    tree, _ = build_region_tree(regions, merge_superpixels(regions, regions.edge))
    assert tree.parent.tolist() == [0]
    assert tree.area.tolist() == [320]


def test_shallow_basins_join_and_deep_ones_stay() -> None:
    edges = np.zeros((32, 64), np.float32)
    edges[:, 20:22] = 0.01
    edges[:, 40:42] = 0.8
    regions = compute_superpixels(edges, np.zeros_like(edges))
    assert regions.count == 2
    assert regions.region[0, 0] == regions.region[0, 30] != regions.region[0, 60]
