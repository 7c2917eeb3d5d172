"""The shipped depth network, loaded once."""

from pathlib import Path

import pytest

from domain.models import ModelInfo
from models.depth_lite.estimator import EmbeddedDepth
from models.runtime.onnx import OnnxGraph

WEIGHTS = Path(__file__).parents[4] / "models" / "weights" / "depth.onnx"


@pytest.fixture(scope="session")
def depth() -> EmbeddedDepth:
    return EmbeddedDepth(ModelInfo("depth-lite0", "0" * 64), OnnxGraph(WEIGHTS, 1))
