"""Scores an exported network on a pack with known disparity, beside the picture-height baseline."""

from pathlib import Path

import numpy as np

from domain.models import ModelInfo
from models.depth_lite.estimator import DepthLiteEstimator
from models.runtime.onnx import OnnxGraph
from tools.training.depth.ordinal import ordinal_accuracy, picture_height
from tools.training.packs import Pack


def report(weights: Path, pack_path: Path) -> None:
    """Print ordinal accuracy, mean over the photographs; the pack is for evaluation and never trained on."""
    depth = DepthLiteEstimator(ModelInfo("depth-lite0", ""), OnnxGraph(weights, threads=1))
    pack = Pack(pack_path)
    ours, height = [], []
    for key in pack.index:
        disparity = pack.labels(key)
        ours.append(ordinal_accuracy(depth.estimate(pack.image(key)).values, disparity))
        height.append(ordinal_accuracy(picture_height(*disparity.shape), disparity))
    print(f"ordinal accuracy {np.mean(ours):.3f}, by picture height {np.mean(height):.3f}")
