"""The labeller of the repository, loaded once."""

from pathlib import Path

import pytest

from domain.models import ModelInfo
from models.lite_labeller.encoder import LiteEncoder
from models.lite_labeller.towers import LiteImageTower, LiteImageTrunk, LiteTextTower
from models.runtime.onnx import OnnxGraph

WEIGHTS = Path(__file__).parents[4] / "models" / "weights"


def build(threads: int) -> LiteEncoder:
    """The encoder, its trunk on that many cores."""
    trunk = OnnxGraph(WEIGHTS / "image-trunk.onnx", threads)
    image_head, tower, text_head = (
        OnnxGraph(WEIGHTS / f"{name}.onnx", 1) for name in ("image-head", "text-tower", "text-head")
    )
    images = LiteImageTower(LiteImageTrunk(trunk), image_head)
    texts = LiteTextTower(tower, text_head, WEIGHTS / "text-tokenizer.json")
    return LiteEncoder(ModelInfo("lite2-minilm", "0" * 64), images, texts)


@pytest.fixture(scope="session", params=[1, 2], ids=["1 thread", "2 threads"])
def encoder(request: pytest.FixtureRequest) -> LiteEncoder:
    """The encoder on one core, then on two."""
    return build(request.param)
