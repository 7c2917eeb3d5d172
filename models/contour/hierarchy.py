"""From the network's maps to the tree and the features of its nodes."""

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats, Rgb
from models.contour.descriptors import GROUPS, descriptors
from models.contour.features import Seen, node_features
from models.contour.linkage import merge_all
from models.contour.network import Maps
from models.contour.scored import ScoredTree
from models.contour.superpixels import Superpixels, superpixels
from models.contour.tree import build_tree

EDGE, OUTLINE, VECTOR = 0.5, 0.5, 0.3
"""How much an edge, an outline and a change of vectors separate superpixels; chosen on COCO photographs."""


def hierarchy(maps: Maps, rgb: Rgb) -> ScoredTree:
    """The tree of an image with what its nodes are judged by.

    Args:
        maps: What the network sees, h x w.
        rgb: The image at the same resolution, uint8 [h, w, 3].
    """
    both = np.asarray((maps.edges + maps.outlines) / 2, np.float32)
    regions = superpixels(both, maps.outlines)
    described = descriptors(maps.regions, regions.region, regions.count)
    tree, rank = build_tree(regions, merge_all(regions, _strength(regions, described)))
    described = described[np.argsort(rank)]
    features = node_features(tree, Seen(regions, rank, maps, rgb, described))
    return ScoredTree(tree, features, described)


def _strength(regions: Superpixels, described: Floats) -> NDArray[np.float64]:
    one, other = described[regions.links.T][:, :, GROUPS:]
    apart = 1 - np.exp(-((one - other) ** 2).sum(axis=1) / 2)
    return np.asarray(EDGE * regions.edge + OUTLINE * regions.outline + VECTOR * apart)
