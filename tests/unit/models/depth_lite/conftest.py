"""The shipped depth network, loaded once."""

from pathlib import Path

import pytest

from domain.models import ModelInfo
from models.depth_lite.estimator import DepthLiteEstimator
from models.runtime.onnx import OnnxGraph

WEIGHTS = Path(__file__).parents[4] / "models" / "weights" / "depth.onnx"


@pytest.fixture(scope="session")
def depth() -> DepthLiteEstimator:
    return DepthLiteEstimator(ModelInfo("depth-lite0", "0" * 64), OnnxGraph(WEIGHTS, 1))
