"""The way of a user with published checkpoints, from a hub on the loopback to named regions and depth.

Full-size SAM 2.1 tiny, CLIP ViT-B/32 and Depth Anything V2 small with random weights in the published file
formats: what they find means nothing, so the tests ask that both runtimes find the same.
"""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
from pycocotools import mask as coco
from skimage import data

from domain.arrays import Floats
from tests.conftest import png_bytes
from tests.parity.clip.checkpoints import write_archive
from tests.parity.depth_anything.checkpoints import write_checkpoint as write_depth
from tests.parity.installation import Hub, Installation, serving
from tests.parity.sam2.checkpoints import write_checkpoint as write_sam2
from tools.benchmarks.server import PATIENCE_S, Server, running

MODELS = ("sam2.1-tiny", "clip-vit-b-32", "depth-anything-v2-small")
PHOTOGRAPH = "examples/photo.jpg"
POINT = {"prompt_type": "point", "points": [{"x": 250, "y": 180}]}
CLICK = {**POINT, "max_masks": 3, "masks": "rle", "top_k": 55}
GRID = {"points_per_side": 4, "quality_threshold": 0, "stability_threshold": 0, "view": "attention"}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """Serves the checkpoints."""
    directory = tmp_path_factory.mktemp("hub")
    write_sam2("sam2.1_hiera_t", directory / "sam2.1_hiera_tiny.pt")
    write_archive("ViT-B-32", directory / "ViT-B-32.pt")
    write_depth(directory / "depth_anything_v2_vits.pth")
    with serving(directory) as hub:
        yield hub


@pytest.fixture(scope="module")
def installation(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A machine with nothing pulled yet."""
    return Installation.of(tmp_path_factory.mktemp("home"), "base", hub.manifest(MODELS))


def test_1_without_weights_the_answer_is_the_command_that_fetches_them(installation: Installation) -> None:
    run = installation.command("segment", PHOTOGRAPH)
    assert run.returncode == 1
    assert "python cli.py models pull sam2.1-tiny" in run.stderr


def test_2_export_asks_for_the_checkpoint(installation: Installation) -> None:
    run = installation.command("models", "export", "base")
    assert run.returncode == 1
    assert "python cli.py models pull sam2.1-tiny" in run.stderr


def test_3_pull_and_verify(installation: Installation) -> None:
    offline = installation.command("models", "pull", "base", offline="true")
    assert (offline.returncode, "SEGLABEL_OFFLINE forbids" in offline.stderr) == (1, True)
    assert installation.command("models", "pull", "base").returncode == 0
    verified = installation.command("models", "verify", "base")
    assert (verified.returncode, verified.stdout.count("is right")) == (0, 5)


def test_4_torch_and_onnx_serve_the_same(installation: Installation) -> None:
    photograph = png_bytes(np.ascontiguousarray(data.coffee()))
    by_torch, depth_by_torch = _answers(installation, photograph, "torch")
    first, second = (installation.command("models", "export", "base") for _ in range(2))
    assert (first.returncode, second.stdout.count("exported already")) == (0, 3)
    by_onnx, depth_by_onnx = _answers(installation, photograph, "auto")
    np.testing.assert_allclose(depth_by_onnx, depth_by_torch, rtol=0, atol=1e-3 * depth_by_torch.max())
    for ours, theirs in zip(by_torch, by_onnx, strict=True):
        assert ours["models"] == theirs["models"]
        assert [ours["models"][job]["name"] for job in ("segmenter", "labeller")] == list(MODELS[:2])
        assert ours["mask_count"] == theirs["mask_count"] > 0
    for ours, theirs in zip(by_torch[0]["labels"], by_onnx[0]["labels"], strict=True):
        assert _iou(ours["mask"], theirs["mask"]) > 0.999
        assert ours["quality"] == pytest.approx(theirs["quality"], abs=1e-3)
        confidences = {each["label"]: each["confidence"] for each in theirs["alternatives"]}
        for each in ours["alternatives"]:
            assert each["confidence"] == pytest.approx(confidences[each["label"]], abs=0.01)


def _answers(
    installation: Installation, photograph: bytes, runtime: str
) -> tuple[list[dict[str, Any]], Floats]:
    """What /segment and /depth say."""
    with running(**installation.settings, runtime=runtime) as server:
        file_id = server.upload(photograph)
        regions = [server.segment(file_id, **CLICK), server.segment(file_id, **GRID)]
        return regions, _depth(server, file_id)


def _depth(server: Server, file_id: str) -> Floats:
    answer = requests.get(f"{server.url}/depth/{file_id}", {"format": "npy"}, timeout=PATIENCE_S)
    answer.raise_for_status()
    depth: Floats = np.load(io.BytesIO(answer.content))
    assert depth.shape == data.coffee().shape[:2]
    assert depth.std() > 0
    return depth


def _iou(one: dict[str, Any], other: dict[str, Any]) -> float:
    return float(coco.iou([one], [other], [0])[0, 0])


def test_5_a_damaged_export_is_refused_with_its_cure(installation: Installation) -> None:
    graph = Path(installation.settings["checkpoint_dir"]) / "sam2.1-tiny.onnx" / "mask.onnx"
    whole = graph.read_bytes()
    graph.write_bytes(whole[:-1])
    run = installation.command("segment", PHOTOGRAPH)
    graph.write_bytes(whole)
    assert run.returncode == 1
    assert "python cli.py models export sam2.1-tiny" in run.stderr


def test_6_exports_alone_serve_without_torch_and_checkpoints(
    installation: Installation, tmp_path: Path
) -> None:
    directory = Path(installation.settings["checkpoint_dir"])
    for name in MODELS:
        (tmp_path / f"{name}.onnx").symlink_to(directory / f"{name}.onnx")
    out, depth = tmp_path / "answer.json", tmp_path / "depth.npy"
    segment = ("segment", PHOTOGRAPH, "--point", "365,280", "--labels", "spoon, cup", "--json", str(out))
    for command in (segment, ("depth", PHOTOGRAPH, "--format", "npy", "--out", str(depth))):
        run = installation.python(
            "import runpy, sys; sys.modules['torch'] = None; runpy.run_path('cli.py', run_name='__main__')",
            *command,
            checkpoint_dir=str(tmp_path),
        )
        assert run.returncode == 0, run.stderr
    answer = json.loads(out.read_text(encoding="utf-8"))
    assert [answer["models"][job]["name"] for job in ("segmenter", "labeller")] == list(MODELS[:2])
    assert np.load(depth).std() > 0
