"""The commands that train the labeller run, in their smallest form."""

from pathlib import Path

import numpy as np
import pytest

from config.settings import Settings
from models.lite_labeller.towers import LiteImageTower, LiteImageTrunk, LiteTextTower
from models.runtime.onnx import OnnxGraph
from tests.unit.tools.conftest import Run
from tests.unit.tools.packs import photograph
from tests.unit.tools.training.material import (
    SIZE,
    write_backbone,
    write_features,
    write_packs,
    write_text_model,
)
from tools.training.labeller.regions import SOURCES

WEIGHTS = Settings().weights_dir
VOCABULARY = Settings().vocabulary_dir / "default.txt"
IMAGES = 100
"""Of coco_train; the last 94 are held out of every training."""


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Packs of two images each, coco_train apart."""
    return write_packs(tmp_path_factory.mktemp("packs"), {"coco_train": IMAGES})


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights of the trunk."""
    return write_backbone(tmp_path_factory.mktemp("trunk") / "lite2.pth", "tf_efficientnet_lite2")


@pytest.fixture(scope="module")
def text_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random sentence model."""
    return write_text_model(tmp_path_factory.mktemp("text") / "minilm")


@pytest.fixture(scope="module")
def features(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random features of examples."""
    return write_features(tmp_path_factory.mktemp("features") / "all.npz", IMAGES)


def test_export_image(run: Run, checkpoint: Path, text_model: Path, tmp_path: Path) -> None:
    run("tools.training.labeller.export_image", checkpoint, text_model, tmp_path)
    found, conse = LiteImageTrunk(OnnxGraph(tmp_path / "image-trunk.onnx", 1)).run([photograph(*SIZE)])
    assert found.shape == (1, 1280)
    assert np.linalg.norm(conse, axis=1) == pytest.approx([1.0], abs=1e-3)


@pytest.mark.parametrize("source", SOURCES)
def test_features(run: Run, tmp_path: Path, features: Path, source: str) -> None:
    packs, out = write_packs(tmp_path / "packs"), tmp_path / "out.npz"
    run("tools.training.labeller.features", packs, WEIGHTS / "image-trunk.onnx", source, out)
    written = np.load(out)
    assert set(written.files) == set(np.load(features).files)
    assert written["features"].shape == (len(written["label"]), 1280)
    assert len(written["label"]) >= 2


def test_features_of_varied_examples(run: Run, tmp_path: Path) -> None:
    packs, out = write_packs(tmp_path / "packs", {"coco_person": 1}), tmp_path / "out.npz"
    trunk = WEIGHTS / "image-trunk.onnx"
    run("tools.training.labeller.features", packs, trunk, "coco_person", out, "--varied", 2)
    assert np.load(out)["source"].tolist() == ["coco_person+varied"] * 2


def test_heads(
    run: Run, packs: Path, text_model: Path, checkpoint: Path, features: Path, tmp_path: Path
) -> None:
    """The text tower is exported, the heads are trained, and both serve together."""
    run("tools.training.labeller.export_text", text_model, tmp_path)
    given = (packs, text_model, checkpoint, VOCABULARY, tmp_path, features)
    steps = ("--steps", 2, "--half-steps", 1, "--reject-steps", 2)
    assert "reject: last loss" in run("tools.training.labeller.train_head", *given, *steps)
    assert "heads: read from" in run("tools.training.labeller.train_head", *given, *steps)
    tower, text_head, image_head = (
        OnnxGraph(tmp_path / f"{name}.onnx", 1) for name in ("text-tower", "text-head", "image-head")
    )
    texts = LiteTextTower(tower, text_head, tmp_path / "text-tokenizer.json")
    vectors = texts.encode(["a photo of a cat", "a photo of a dog"])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1.0, 1.0], abs=1e-3)
    trunk = LiteImageTrunk(OnnxGraph(WEIGHTS / "image-trunk.onnx", 1))
    assert LiteImageTower(trunk, image_head).logit_scale > 0


@pytest.mark.parametrize("more", [(), ("--sceneless",)])
def test_evaluate(run: Run, packs: Path, features: Path, more: tuple[str, ...]) -> None:
    printed = run("tools.training.labeller.evaluate", packs, WEIGHTS, VOCABULARY, features, *more)
    assert "goals, 5 COCO names, all: 94 objects: top-1" in printed
    assert "== car" in printed
    assert "stuff: top-1" in printed


def test_unseen(
    run: Run, packs: Path, text_model: Path, checkpoint: Path, features: Path, tmp_path: Path
) -> None:
    given = (packs, text_model, checkpoint, tmp_path, features, "--parts", 1, "--steps", 2)
    printed = run("tools.training.labeller.unseen", *given)
    assert "without car: 19 objects, top-1" in printed
    assert "of 5" in printed
