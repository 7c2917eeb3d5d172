"""Trains the ranker: how well does a node of the tree match the object meant?

python -m training.contour.train_ranker --edges models/weights/contour-edges.onnx \
    --pack coco_train.zip:300 --pack voc2012_aug.zip:300 --out models/weights/contour-ranker.onnx
"""

import argparse
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from sklearn.ensemble import HistGradientBoostingRegressor

from models.runtimes.onnx import OnnxGraph
from training.contour.ranker_onnx import to_onnx
from training.contour.ranker_rows import Rows, pack_rows


def fit(rows: Rows) -> HistGradientBoostingRegressor:
    """Gradient boosting small enough for a file below half a megabyte."""
    booster = HistGradientBoostingRegressor(
        max_iter=200,
        learning_rate=0.06,
        max_leaf_nodes=15,
        min_samples_leaf=60,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=0,
    )
    return booster.fit(rows.features, rows.iou, rows.weight)


def largest_difference(booster: HistGradientBoostingRegressor, path: Path, rows: Rows) -> float:
    """Between scikit-learn and the file, on some of the rows."""
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    some = rows.features[:: max(1, len(rows.features) // 5000)]
    return float(np.abs(session.run(None, {"features": some})[0][:, 0] - booster.predict(some)).max())


def _pack(text: str) -> tuple[Path, int]:
    path, _, count = text.rpartition(":")
    return Path(path), int(count)


def main() -> None:
    """Gather rows, fit, write, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edges", type=Path, required=True, help="contour-edges.onnx")
    parser.add_argument("--pack", type=_pack, action="append", required=True, help="zip:number of images")
    parser.add_argument("--out", type=Path, required=True, help="the .onnx file to write")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    edges = OnnxGraph(arguments.edges, arguments.threads)
    rows = Rows.joined([pack_rows(path, edges, count) for path, count in arguments.pack])
    booster = fit(rows)
    onnx.save(to_onnx(booster, rows.features.shape[1]), arguments.out)
    differs = largest_difference(booster, arguments.out, rows)
    print(f"{len(rows.iou)} rows, {arguments.out.stat().st_size} bytes, differs by {differs:.1e}")


if __name__ == "__main__":
    main()
