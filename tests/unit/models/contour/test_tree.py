"""The arrays of the tree say the same about every node."""

import numpy as np

from domain.masks import Embedding
from models.contour.features import stability
from models.contour.linkage import merge_all
from models.contour.scored import ScoredTree
from models.contour.superpixels import superpixels
from models.contour.tree import Tree, build_tree


def test_nodes_are_intervals_of_leaves(tree: Tree) -> None:
    assert tree.lo.tolist()[-1] == 0
    assert tree.hi.tolist()[-1] == tree.leaves == 4
    assert sorted(zip(tree.lo.tolist(), tree.hi.tolist(), strict=True))[:3] == [(0, 1), (0, 2), (0, 4)]
    for node in range(len(tree.parent) - 1):
        above = tree.parent[node]
        assert tree.lo[above] <= tree.lo[node] < tree.hi[node] <= tree.hi[above]
        assert tree.altitude[node] <= tree.altitude[above]


def test_areas_count_pixels(tree: Tree) -> None:
    for node, area in enumerate(tree.area):
        assert np.sum((tree.region >= tree.lo[node]) & (tree.region < tree.hi[node])) == area


def test_weak_borders_merge_first(tree: Tree) -> None:
    assert tree.path(tree.region[0, 0].item())[1] == tree.path(tree.region[0, 15].item())[1] == 4
    assert tree.path(tree.region[0, 25].item())[1] == tree.path(tree.region[0, 35].item())[1] == 5


def test_sums_add_leaves_over_nodes(tree: Tree) -> None:
    assert np.array_equal(tree.sums(tree.area[: tree.leaves].astype(np.float64)), tree.area)


def test_stability_is_an_iou(tree: Tree) -> None:
    values = stability(tree)
    assert ((values > 0) & (values <= 1)).all()
    assert values[-1] == 1


def test_scored_tree_survives_an_embedding(embedding: Embedding) -> None:
    again = ScoredTree.of(embedding.arrays).arrays()
    assert all(np.array_equal(again[name], array) for name, array in embedding.arrays.items())


def test_flat_edges_make_one_leaf() -> None:
    regions = superpixels(*np.zeros((2, 16, 20), np.float32))
    tree, _ = build_tree(regions, merge_all(regions, regions.edge))
    assert tree.parent.tolist() == [0]
    assert tree.area.tolist() == [320]


def test_shallow_basins_join_and_deep_ones_stay() -> None:
    edges = np.zeros((32, 64), np.float32)
    edges[:, 20:22] = 0.01
    edges[:, 40:42] = 0.8
    regions = superpixels(edges, np.zeros_like(edges))
    assert regions.count == 2
    assert regions.region[0, 0] == regions.region[0, 30] != regions.region[0, 60]
