"""From an edge map to the tree and the features of its nodes."""

from domain.types import Floats, Rgb
from models.segmenters.contour.features import node_features
from models.segmenters.contour.linkage import merge_all
from models.segmenters.contour.superpixels import superpixels
from models.segmenters.contour.tree import Tree, build_tree


def hierarchy(edges: Floats, rgb: Rgb) -> tuple[Tree, Floats]:
    """The tree and float32 [N, F] node features.

    Args:
        edges: Edge probability, float32 [h, w].
        rgb: The image at the same resolution, uint8 [h, w, 3].
    """
    regions = superpixels(edges)
    tree, rank = build_tree(regions, merge_all(regions))
    return tree, node_features(tree, regions, rank, edges, rgb)
