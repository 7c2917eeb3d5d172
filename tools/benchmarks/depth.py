"""How well depth is ordered: of two pixels of a photograph, which is nearer?

    python -m tools.benchmarks.depth PACK.zip [--weights FILE.onnx] [--runs 5]

A pack is a zip of <key>.jpg, <key>.png (uint16 disparity, larger = nearer, 0 = unknown) and index.json.
Pairs are random pixels of known disparity that differ by more than a tenth of the picture's range; the
baseline calls the lower one in the picture the nearer.
"""

import argparse
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from config.settings import ROOT
from domain.arrays import Rgb
from domain.models import ModelInfo
from domain.ports.models import DepthEstimator
from models.depth_lite.estimator import DepthLiteEstimator
from models.runtime.onnx import OnnxGraph
from tools.benchmarks.table import machine, show
from tools.training.depth.ordinal import height_baseline, ordinal_accuracy
from tools.training.packs import Pack

WEIGHTS = ROOT / "models" / "weights" / "depth.onnx"
SPEED_SIZE = (480, 640)
THREADS = 2


class Scene(NamedTuple):
    """Ordinal accuracy of one photograph, by the network and by height in the picture."""

    key: str
    ours: float
    height: float


def by_scene(depth: DepthEstimator, pack: Pack, keys: Sequence[str]) -> list[Scene]:
    """Scores of photographs with known disparity."""
    scenes = []
    for key in tqdm(keys, unit="photo"):
        disparity = pack.labels(key)
        ours = ordinal_accuracy(depth.estimate(pack.image(key)).values, disparity)
        scenes.append(Scene(key, ours, ordinal_accuracy(height_baseline(*disparity.shape), disparity)))
    return scenes


def milliseconds(depth: DepthLiteEstimator, rgb: Rgb, runs: int) -> float:
    """Median time of one photograph, after one to warm up."""
    depth.estimate(rgb)
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        depth.estimate(rgb)
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("pack", type=Path)
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="an exported network")
    parser.add_argument("--runs", type=int, default=5, help="of the speed row")
    arguments = parser.parse_args()
    depth = DepthLiteEstimator(ModelInfo("depth-lite0", ""), OnnxGraph(arguments.weights, THREADS))
    pack = Pack(arguments.pack)
    scenes = by_scene(depth, pack, list(pack.index))
    ours, height = (float(np.mean(column)) for column in list(zip(*scenes, strict=True))[1:])
    noise = np.random.default_rng(0).integers(0, 255, (*SPEED_SIZE, 3), np.uint8)
    print(machine())
    show(
        f"{arguments.pack.stem}: ordinal accuracy, {len(scenes)} photographs",
        ["scene", "depth network", "picture height"],
        [
            (key, f"{ours:.3f}", f"{height:.3f}")
            for key, ours, height in [*scenes, Scene("mean", ours, height)]
        ],
    )
    print(f"\n{milliseconds(depth, noise, arguments.runs):.0f} ms a photograph of 640x480, {THREADS} threads")


if __name__ == "__main__":
    main()
