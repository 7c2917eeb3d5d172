"""A tiny hierarchy made by hand, and the shipped segmenter."""

from pathlib import Path

import numpy as np
import pytest

from domain.arrays import Floats, Rgb
from domain.masks import Embedding
from domain.models import ModelInfo
from models.contour.features import NODE_FEATURE_NAMES
from models.contour.hierarchy import ScoredTree
from models.contour.segmenter import ContourSegmenter
from models.contour.superpixels import Superpixels
from models.contour.tree import RegionTree, build_region_tree, merge_superpixels
from models.runtime.onnx import OnnxGraph

JUDGED = 0
"""Column of the features that the judge in these tests goes by."""

WEIGHTS = Path(__file__).parents[4] / "models" / "weights"


@pytest.fixture
def tree() -> RegionTree:
    """Four columns, 16 x 40: the first two merge, then the last two, then everything."""
    region = np.repeat(np.arange(4, dtype=np.int32), 10)[None].repeat(16, axis=0)
    links = np.array([[0, 1], [1, 2], [2, 3]])
    edge = np.array([0.1, 0.9, 0.3])
    superpixels = Superpixels(region, links, edge, edge, np.full(3, 16.0))
    return build_region_tree(superpixels, merge_superpixels(superpixels, edge))[0]


@pytest.fixture
def embedding(tree: RegionTree) -> Embedding:
    """The four columns of an image of 160 x 64 pixels; pairs are the best nodes."""
    features = np.ones((7, len(NODE_FEATURE_NAMES)), np.float32)
    features[:, JUDGED] = [0.3, 0.3, 0.3, 0.3, 0.8, 0.7, 0.1]
    features[:, NODE_FEATURE_NAMES.index("stability")] = np.linspace(0.4, 1.0, 7)
    scored = ScoredTree(tree, features, np.zeros((4, 42), np.float32))
    return Embedding(scored.arrays(), 64, 160, "contour")


class PlainJudge:
    """Nodes are as good as one of their features says; a leaf belongs as far as it is inside the box."""

    def iou(self, nodes: Floats) -> Floats:
        return nodes[:, JUDGED]

    def share(self, leaves: Floats) -> Floats:
        return leaves[:, 0]


@pytest.fixture
def ranker() -> PlainJudge:
    return PlainJudge()


@pytest.fixture(scope="session")
def segmenter() -> ContourSegmenter:
    graphs = [OnnxGraph(WEIGHTS / f"contour-{name}.onnx", 1) for name in ("edges", "ranker")]
    return ContourSegmenter(ModelInfo("contour", "0" * 64), *graphs)


@pytest.fixture(scope="session")
def scene() -> Rgb:
    """A red disc on blue and a green square, with mild noise."""
    rows, columns = np.mgrid[:120, :160]
    rgb = np.full((120, 160, 3), (40, 60, 150), np.int64)
    rgb[(rows - 60) ** 2 + (columns - 50) ** 2 < 30**2] = (200, 40, 30)
    rgb[40:90, 105:145] = (40, 180, 60)
    noise = np.random.default_rng(0).integers(-4, 5, rgb.shape)
    return np.clip(rgb + noise, 0, 255).astype(np.uint8)
