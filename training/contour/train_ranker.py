"""Trains the rankers: which node was clicked on, and which leaves belong to what a box is around.

python -m training.contour.train_ranker --edges models/weights/contour-edges.onnx \
    --pack bsds_trainval.zip:250:300:0.3 --pack coco_person.zip:300:468:0.7 \
    --pack coco_train.zip:0:200:0.5 --pack coco_train.zip:200:300:1 --pack ecssd.zip:400:520:0.3 \
    --pack labelmefacade.zip:0:60:0.3 --pack voc2012_aug.zip:1700:2100:0.5 \
    --out models/weights/contour-ranker.onnx

Mostly photographs that the network was not trained on: on the others it is surer than it will be in use.
"""

import argparse
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from sklearn.ensemble import HistGradientBoostingRegressor

from domain.types import Floats
from models.runtimes.onnx import OnnxGraph
from training.contour.ranker_onnx import to_onnx
from training.contour.ranker_rows import Rows, Source, pack_rows


def fit(features: Floats, target: Floats, weight: Floats) -> HistGradientBoostingRegressor:
    """Gradient boosting small enough for half a megabyte of file."""
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
    """Between scikit-learn and the file, on some of the rows."""
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    some = [each[:: max(1, len(each) // 5000)] for each in (rows.nodes, rows.leaves)]
    found = session.run(None, {"nodes": some[0], "leaves": some[1]})
    triples = zip(boosters, some, found, strict=True)
    return [float(np.abs(answer[:, 0] - booster.predict(each)).max()) for booster, each, answer in triples]


def _source(text: str) -> Source:
    path, first, last, weight = text.rsplit(":", 3)
    return Source(Path(path), int(first), int(last), float(weight))


def main() -> None:
    """Gather rows, fit, write, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--edges", type=Path, required=True, help="contour-edges.onnx")
    parser.add_argument("--pack", type=_source, action="append", required=True, help="zip:first:last:weight")
    parser.add_argument("--out", type=Path, required=True, help="the .onnx file to write")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    network = OnnxGraph(arguments.edges, arguments.threads)
    rows = Rows.joined([pack_rows(source, network) for source in arguments.pack])
    nodes = fit(rows.nodes, rows.iou, rows.node_weight)
    used = rows.leaf_weight > 0
    leaves = fit(rows.leaves[used], rows.share[used], rows.leaf_weight[used])
    onnx.save(to_onnx(nodes, leaves), arguments.out)
    differs = max(largest_differences((nodes, leaves), arguments.out, rows))
    counted = f"{len(rows.iou)} rows of nodes, {len(rows.share)} of leaves"
    print(f"{counted}, {arguments.out.stat().st_size} bytes, differs by {differs:.1e}")


if __name__ == "__main__":
    main()
