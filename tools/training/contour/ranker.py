"""Trains the rankers, which score the nodes under a click and the leaves inside a box."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from sklearn.ensemble import HistGradientBoostingRegressor

from domain.arrays import Floats
from models.runtime.onnx import OnnxGraph
from tools.training.contour.packs_used import Source
from tools.training.contour.ranker_onnx import to_onnx
from tools.training.contour.ranker_rows import Rows, pack_rows


def fit(features: Floats, target: Floats, weight: Floats) -> HistGradientBoostingRegressor:
    """Return gradient-boosted trees that are small enough for half a megabyte of file.

    Args:
        features: float32 [R, F].
        target: float32 [R].
        weight: float32 [R].
    """
    booster = HistGradientBoostingRegressor(
        max_iter=250,
        learning_rate=0.06,
        max_leaf_nodes=15,
        min_samples_leaf=60,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=0,
    )
    return booster.fit(features, target, weight)


def largest_differences(
    boosters: tuple[HistGradientBoostingRegressor, HistGradientBoostingRegressor], path: Path, rows: Rows
) -> list[float]:
    """Return the largest difference between scikit-learn and the file of each ranker, on some of the rows."""
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    some = [each[:: max(1, len(each) // 5000)] for each in (rows.nodes, rows.leaves)]
    found = session.run(None, {"nodes": some[0], "leaves": some[1]})
    triples = zip(boosters, some, found, strict=True)
    return [float(np.abs(answer[:, 0] - booster.predict(each)).max()) for booster, each, answer in triples]


def train_ranker(network: OnnxGraph, packs: Path, sources: Sequence[Source], out: Path) -> None:
    """Gather rows, fit both rankers, write the .onnx file and compare it with scikit-learn."""
    rows = Rows.joined([pack_rows(source, packs, network) for source in sources])
    nodes = fit(rows.nodes, rows.iou, rows.node_weight)
    used = rows.leaf_weight > 0
    leaves = fit(rows.leaves[used], rows.share[used], rows.leaf_weight[used])
    onnx.save(to_onnx(nodes, leaves), out)
    differs = max(largest_differences((nodes, leaves), out, rows))
    counted = f"{len(rows.iou)} rows of nodes, {len(rows.share)} of leaves"
    print(f"{out.name}: {counted}, {out.stat().st_size} bytes, differs by {differs:.1e}")
