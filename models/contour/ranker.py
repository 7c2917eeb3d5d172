"""The learned judges of candidates: two ensembles of trees in one file."""

from typing import Protocol

import numpy as np

from domain.arrays import Floats
from models.runtime.onnx import OnnxGraph

NO_ROWS = np.zeros((0, 64), np.float32)
"""No rows; at least as many columns as either ensemble reads."""


class Ranker(Protocol):
    """Scores candidates."""

    def iou(self, nodes: Floats) -> Floats:
        """Predicted IoU with the object clicked on, float32 [R], 0..1, of rows of `clicks.click_rows`."""

    def share(self, leaves: Floats) -> Floats:
        """Predicted share inside the object, float32 [K], 0..1, of rows of `boxed.boxed`."""


class OnnxRanker:
    """Scores candidates with gradient-boosted trees.

    Args:
        graph: `nodes` float32 [R, F] and `leaves` float32 [K, G] -> `iou` [R, 1] and `share` [K, 1]; either
            may have no rows.
    """

    def __init__(self, graph: OnnxGraph) -> None:
        self._graph = graph

    def iou(self, nodes: Floats) -> Floats:
        """See Judge."""
        return np.asarray(np.clip(self._graph.run({"nodes": nodes, "leaves": NO_ROWS})[0][:, 0], 0.0, 1.0))

    def share(self, leaves: Floats) -> Floats:
        """See Judge."""
        return np.asarray(np.clip(self._graph.run({"nodes": NO_ROWS, "leaves": leaves})[1][:, 0], 0.0, 1.0))
