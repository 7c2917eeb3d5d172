"""Learned rankers of candidates: two ensembles of trees in one file."""

from typing import Protocol

import numpy as np

from domain.arrays import Floats
from models.runtime.onnx import OnnxGraph

NO_ROWS = np.zeros((0, 64), np.float32)
"""Input without rows; it has at least as many columns as either ensemble reads."""


class Ranker(Protocol):
    """Scores nodes and leaves as candidates."""

    def iou(self, nodes: Floats) -> Floats:
        """Return the predicted IoU of nodes, float32 [R], 0..1, from rows of `click_features`."""

    def share(self, leaves: Floats) -> Floats:
        """Return the share of leaves inside the object, float32 [K], 0..1, from `box_leaf_features`."""


class OnnxRanker:
    """Scores nodes and leaves with gradient-boosted trees.

    Args:
        graph: Graph from `nodes` float32 [R, F] and `leaves` float32 [K, G] to `iou` [R, 1] and `share`
            [K, 1]; either input may have no rows.
    """

    def __init__(self, graph: OnnxGraph) -> None:
        self._graph = graph

    def iou(self, nodes: Floats) -> Floats:
        """Return the scores that `Ranker` documents."""
        return np.asarray(np.clip(self._graph.run({"nodes": nodes, "leaves": NO_ROWS})[0][:, 0], 0.0, 1.0))

    def share(self, leaves: Floats) -> Floats:
        """Return the scores that `Ranker` documents."""
        return np.asarray(np.clip(self._graph.run({"nodes": NO_ROWS, "leaves": leaves})[1][:, 0], 0.0, 1.0))
