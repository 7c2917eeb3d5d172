"""Measures how well depth is ordered: which of two pixels of an image is nearer.

    python -m tools.benchmarks.depth PACK.zip [--weights FILE.onnx] [--runs 5]

The pack is a zip of <key>.jpg, <key>.png (uint16 disparity, larger = nearer, 0 = unknown) and index.json. The
pairs are random pixels of known disparity that differ by more than a tenth of the image's range. The baseline
takes the lower pixel of the image for the nearer.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from config.settings import Settings
from domain.models import ModelInfo
from domain.ports.models import DepthEstimator
from models.depth_lite.estimator import DepthLiteEstimator
from models.runtime.onnx import OnnxGraph
from tools.benchmarks.clock import median_seconds
from tools.benchmarks.table import machine, show
from tools.training.depth.ordinal import height_baseline, ordinal_accuracy
from tools.training.packs import Pack

WEIGHTS = "depth.onnx"
"""Name of the shipped network."""

SPEED_SIZE = (480, 640)
"""Height and width in pixels of the image whose time is measured."""

THREADS = 2
"""Number of threads of the network."""


class Scene(NamedTuple):
    """Ordinal accuracies of one image.

    Attributes:
        key: Key of the image, or "mean".
        network: Accuracy of the network, 0..1.
        baseline: Accuracy of the height in the image, 0..1.
    """

    key: str
    network: float
    baseline: float


def by_scene(depth: DepthEstimator, pack: Pack, keys: Sequence[str]) -> list[Scene]:
    """Return the ordinal accuracies of images with known disparity."""
    scenes = []
    for key in tqdm(keys, unit="image"):
        disparity = pack.labels(key)
        network = ordinal_accuracy(depth.estimate(pack.image(key)).values, disparity)
        scenes.append(Scene(key, network, ordinal_accuracy(height_baseline(*disparity.shape), disparity)))
    return scenes


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("pack", type=Path, help="a pack with disparities")
    parser.add_argument("--weights", type=Path, help="an exported network other than the shipped one")
    parser.add_argument("--runs", type=int, default=5, help="number of calls whose median time is printed")
    args = parser.parse_args()
    weights = args.weights or Settings().weights_dir / WEIGHTS
    depth = DepthLiteEstimator(ModelInfo("depth-lite0", ""), OnnxGraph(weights, THREADS))
    pack = Pack(args.pack)
    scenes = by_scene(depth, pack, list(pack.index))
    mean = Scene("mean", *np.mean([(scene.network, scene.baseline) for scene in scenes], axis=0).tolist())
    noise = np.random.default_rng(0).integers(0, 255, (*SPEED_SIZE, 3), np.uint8)
    milliseconds = median_seconds(lambda: depth.estimate(noise), args.runs) * 1e3
    print(machine())
    show(
        f"{args.pack.stem}: ordinal accuracy, {len(scenes)} images",
        ["scene", "depth network", "height in the image"],
        [(key, f"{network:.3f}", f"{baseline:.3f}") for key, network, baseline in [*scenes, mean]],
    )
    print(f"\n{milliseconds:.0f} ms for an image of 640x480, {THREADS} threads")


if __name__ == "__main__":
    main()
