"""The tree with what its nodes are judged by, and the way it is kept in an embedding."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats, Rgb
from models.contour.features import GROUP_COUNT, FeatureInputs, node_features, superpixel_descriptors
from models.contour.network import ContourMaps
from models.contour.superpixels import Superpixels, compute_superpixels
from models.contour.tree import RegionTree, build_region_tree, merge_superpixels


@dataclass(frozen=True)
class ScoredTree:
    """What prompts are answered from.

    Attributes:
        tree: The hierarchy.
        features: float32 [N, F], of every node; the names of the columns are in `features.py`.
        descriptors: float32 [leaves, C], groups of classes and a vector of every leaf.
    """

    tree: RegionTree
    features: Floats
    descriptors: Floats

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything as arrays by name."""
        named = {field.name: getattr(self.tree, field.name) for field in fields(RegionTree)}
        return {**named, "features": self.features, "descriptors": self.descriptors}

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]]) -> "ScoredTree":
        """The inverse of `arrays`."""
        tree = RegionTree(**{field.name: arrays[field.name] for field in fields(RegionTree)})
        return cls(tree, arrays["features"], arrays["descriptors"])


EVEN_ODDS_DISTANCE = 2.0
"""Squared distance at which two leaves are as likely of one object as not."""


def leaf_affinity(descriptors: Floats, leaves: NDArray[np.integer]) -> NDArray[np.float64]:
    """Of every leaf with each of some leaves, float64 [leaves, K], 0..1."""
    vectors = descriptors[:, GROUP_COUNT:].astype(np.float64)
    chosen = vectors[leaves]
    squares = (vectors**2).sum(axis=1)[:, None] + (chosen**2).sum(axis=1) - 2 * vectors @ chosen.T
    return np.asarray(1 / (1 + np.exp(np.minimum(squares - EVEN_ODDS_DISTANCE, 50.0))))


EDGE_WEIGHT, OUTLINE_WEIGHT, VECTOR_WEIGHT = 0.5, 0.5, 0.3
"""How much an edge, an outline and a change of vectors separate superpixels; chosen on COCO photographs."""


def build_hierarchy(maps: ContourMaps, rgb: Rgb) -> ScoredTree:
    """The tree of an image with what its nodes are judged by.

    Args:
        maps: What the network sees, h x w.
        rgb: The image at the same resolution, uint8 [h, w, 3].
    """
    both = np.asarray((maps.edges + maps.outlines) / 2, np.float32)
    regions = compute_superpixels(both, maps.outlines)
    described = superpixel_descriptors(maps.regions, regions.region, regions.count)
    tree, rank = build_region_tree(regions, merge_superpixels(regions, _border_strength(regions, described)))
    described = described[np.argsort(rank)]
    features = node_features(tree, FeatureInputs(regions, rank, maps, rgb, described))
    return ScoredTree(tree, features, described)


def _border_strength(regions: Superpixels, described: Floats) -> NDArray[np.float64]:
    one, other = described[regions.links.T][:, :, GROUP_COUNT:]
    apart = 1 - np.exp(-((one - other) ** 2).sum(axis=1) / 2)
    return np.asarray(EDGE_WEIGHT * regions.edge + OUTLINE_WEIGHT * regions.outline + VECTOR_WEIGHT * apart)
