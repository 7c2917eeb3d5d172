"""Evaluates an exported network on a pack with known disparity, beside a baseline."""

from pathlib import Path

import numpy as np

from domain.models import ModelInfo
from models.depth_lite.estimator import DepthLiteEstimator
from models.runtime.onnx import OnnxGraph
from tools.training.depth.ordinal import height_baseline, ordinal_accuracy
from tools.training.packs import Pack


def report(weights: Path, pack_path: Path) -> None:
    """Print the ordinal accuracy, mean over the images of a pack that nothing is trained on."""
    depth = DepthLiteEstimator(ModelInfo("depth-lite0", ""), OnnxGraph(weights, threads=1))
    pack = Pack(pack_path)
    network, baseline = [], []
    for key in pack.index:
        disparity = pack.labels(key)
        network.append(ordinal_accuracy(depth.estimate(pack.image(key)).values, disparity))
        baseline.append(ordinal_accuracy(height_baseline(*disparity.shape), disparity))
    print(f"ordinal accuracy {np.mean(network):.3f}, by height in the image {np.mean(baseline):.3f}")
