"""The labeller of the repository, loaded once."""

from pathlib import Path

import pytest

from domain.models import ModelInfo
from models.lite_labeller.encoder import EmbeddedEncoder
from models.lite_labeller.image_trunk import ImageTrunk
from models.lite_labeller.text_tower import TextTower
from models.lite_labeller.towers import ImageTower
from models.runtime.onnx import OnnxGraph

WEIGHTS = Path(__file__).parents[4] / "models" / "weights"


def build(threads: int) -> EmbeddedEncoder:
    """The encoder, its trunk on that many cores."""
    trunk = OnnxGraph(WEIGHTS / "image-trunk.onnx", threads)
    image_head, tower, text_head = (
        OnnxGraph(WEIGHTS / f"{name}.onnx", 1) for name in ("image-head", "text-tower", "text-head")
    )
    images = ImageTower(ImageTrunk(trunk), image_head)
    texts = TextTower(tower, text_head, WEIGHTS / "text-tokenizer.json")
    return EmbeddedEncoder(ModelInfo("lite2-minilm", "0" * 64), images, texts)


@pytest.fixture(scope="session", params=[1, 2], ids=["1 thread", "2 threads"])
def encoder(request: pytest.FixtureRequest) -> EmbeddedEncoder:
    """The encoder on one core, then on two."""
    return build(request.param)
