"""Writes gradient-boosted trees of scikit-learn as TreeEnsembleRegressors of one ONNX file."""

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper
from sklearn.ensemble import HistGradientBoostingRegressor

from domain.arrays import Floats

BRANCH = "BRANCH_LEQ"
LEAF = "LEAF"


def to_onnx(nodes: HistGradientBoostingRegressor, leaves: HistGradientBoostingRegressor) -> onnx.ModelProto:
    """Return the graph: float32 [N, F] `nodes` and `leaves` to float32 [N, 1] `iou` and `share`."""
    ensembles = [_ensemble(nodes, "nodes", "iou"), _ensemble(leaves, "leaves", "share")]
    inputs = [
        helper.make_tensor_value_info(node.input[0], TensorProto.FLOAT, [None, None]) for node in ensembles
    ]
    outputs = [
        helper.make_tensor_value_info(node.output[0], TensorProto.FLOAT, [None, 1]) for node in ensembles
    ]
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    graph = helper.make_graph(ensembles, "ranker", inputs, outputs)
    return helper.make_model(graph, opset_imports=opsets, ir_version=9)


def _ensemble(booster: HistGradientBoostingRegressor, source: str, target: str) -> onnx.NodeProto:
    return helper.make_node(
        "TreeEnsembleRegressor",
        [source],
        [target],
        domain="ai.onnx.ml",
        n_targets=1,
        base_values=[float(booster._baseline_prediction.item())],
        **_attributes(booster),
    )


def _attributes(booster: HistGradientBoostingRegressor) -> dict[str, Any]:
    trees = [predictor.nodes for (predictor,) in booster._predictors]
    nodes = np.concatenate(trees)
    leaf = nodes["is_leaf"].astype(bool)
    tree = np.repeat(np.arange(len(trees)), [len(each) for each in trees])
    number = np.concatenate([np.arange(len(each)) for each in trees])
    return {
        "nodes_treeids": tree.tolist(),
        "nodes_nodeids": number.tolist(),
        "nodes_featureids": np.where(leaf, 0, nodes["feature_idx"]).tolist(),
        "nodes_values": _rounded_down(np.where(leaf, 0.0, nodes["num_threshold"])).tolist(),
        "nodes_modes": [LEAF if is_leaf else BRANCH for is_leaf in leaf],
        "nodes_truenodeids": np.where(leaf, 0, nodes["left"]).tolist(),
        "nodes_falsenodeids": np.where(leaf, 0, nodes["right"]).tolist(),
        "target_treeids": tree[leaf].tolist(),
        "target_nodeids": number[leaf].tolist(),
        "target_ids": [0] * int(leaf.sum()),
        "target_weights": nodes["value"][leaf].astype(np.float32).tolist(),
    }


def _rounded_down(thresholds: NDArray[np.float64]) -> Floats:
    """Return float32 numbers that are never above the thresholds.

    A float32 feature then falls on the same side of each as with float64.
    """
    rounded = thresholds.astype(np.float32)
    return np.where(rounded > thresholds, np.nextafter(rounded, np.float32(-np.inf)), rounded)
