"""The trainings of the segmenter and of depth run, in their smallest form."""

from pathlib import Path

import numpy as np
import pytest

from domain.masks import Prompt
from domain.models import ModelInfo
from models.contour.guesses import FEATURE_NAMES
from models.contour.segmenter import ContourSegmenter
from models.depth_lite.estimator import DepthLiteEstimator
from models.runtime.onnx import OnnxGraph
from tests.unit.tools.conftest import Run
from tests.unit.tools.packs import photograph
from tests.unit.tools.training.material import SIZE, write_backbone, write_packs

INFO = ModelInfo("trained", "0" * 64)
RANGES = {
    "bsds_trainval": 251,
    "coco_person": 301,
    "coco_train": 301,
    "ecssd": 401,
    "voc2012_aug": 1701,
}
"""So many images that every range of `packs_used` has one."""


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights of the backbone."""
    return write_backbone(tmp_path_factory.mktemp("backbone") / "lite0.pth", "tf_efficientnet_lite0")


def test_contour(run: Run, backbone: Path, tmp_path: Path) -> None:
    packs, out = write_packs(tmp_path / "packs", RANGES), tmp_path / "out"
    given = ("--backbone", backbone, "--work", tmp_path, "--out", out, "--steps", 1, "--limit", 1)
    printed = run("tools.training.contour.train", packs, *given)
    assert "1 objects of coco_train 300-301, mean IoU: best node" in printed
    graphs = (OnnxGraph(out / f"contour-{part}.onnx", 1) for part in ("edges", "ranker"))
    segmenter = ContourSegmenter(INFO, *graphs)
    found = segmenter.decode(segmenter.encode(photograph(*SIZE)), [Prompt.point(80, 60)])
    assert len(found.logits) > 0
    assert (tmp_path / "contour.ckpt").exists()


def test_weights_of_guesses(run: Run, tmp_path: Path) -> None:
    packs, models = write_packs(tmp_path / "packs", RANGES), Path(__file__).parents[4] / "models" / "weights"
    printed = run("tools.training.contour.guesses", packs, "--models", models, "--limit", 1)
    assert "guesses" in printed
    assert [line.split()[0] for line in printed.splitlines()[-len(FEATURE_NAMES) - 1 :]] == [
        *FEATURE_NAMES,
        "bias",
    ]


def test_depth(run: Run, backbone: Path, tmp_path: Path) -> None:
    packs, out = write_packs(tmp_path / "packs"), tmp_path / "depth.onnx"
    given = ("--backbone", backbone, "--work", tmp_path, "--out", out)
    small = ("--shards", 1, "--shard-size", 2, "--steps", 1)
    printed = run("tools.training.depth.train", packs, *given, *small)
    assert "rendered 2 of 2 scenes" in printed
    assert "by height in the image 1.000" in printed
    depth = DepthLiteEstimator(INFO, OnnxGraph(out, 1)).estimate(photograph(*SIZE))
    assert np.isfinite(depth.values).all()
    resumed = run("tools.training.depth.train", packs, *given, *small)
    assert "rendered" not in resumed
    assert resumed.splitlines()[-1] == printed.splitlines()[-1]
