"""The way of a user with the multilingual CLIP, from a hub on the loopback to names in several languages.

Random weights at full width in the published layout, a small vocabulary: what is answered means nothing, so
the tests ask that both runtimes answer the same, and that words are read as they were sent.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from skimage import data

from config.manifest import Manifest
from config.settings import Settings
from tests.conftest import png_bytes
from tests.parity.clip import multilingual
from tests.parity.installation import Hub, Installation, serving
from tools.benchmarks.server import Server, running

MODEL = "clip-xlm-r-vit-b-32"
PHOTOGRAPH = "examples/photo.jpg"
WORDS = ["Katze", "chien", "猫", "кошка", "قطة", "커피", "बिल्ली"]
PROFILE = f"""
[profiles.words]
segmenter = "contour"
labeller = "{MODEL}"
text = "pp-ocrv6-small"
depth = "depth-lite0"
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """Serves the checkpoint and its tokenizer.json."""
    source, directory = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("hub")
    spec = Manifest(Settings().manifest).models[MODEL]
    multilingual.write_reference(source)
    multilingual.write_checkpoint(source, directory / spec.file("checkpoint").name)
    (source / "tokenizer.json").replace(directory / spec.file("tokenizer").name)
    with serving(directory) as hub:
        yield hub


@pytest.fixture(scope="module")
def installation(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A machine with nothing pulled yet, whose profile has this labeller and embedded models besides."""
    manifest = hub.manifest([MODEL]) + PROFILE
    return Installation.of(tmp_path_factory.mktemp("home"), "words", manifest)


def test_1_without_weights_the_answer_is_the_command_that_fetches_them(installation: Installation) -> None:
    run = installation.command("classify", PHOTOGRAPH, *WORDS)
    assert run.returncode == 1
    assert f"python cli.py models pull {MODEL}" in run.stderr


def test_2_pull_list_and_verify(installation: Installation) -> None:
    assert installation.command("models", "pull", "words").returncode == 0
    listed = installation.command("models", "list").stdout.splitlines()
    rows = [line for line in listed if MODEL in line]
    assert ["present" in row for row in rows] == [True, True]
    verified = installation.command("models", "verify", MODEL)
    assert (verified.returncode, verified.stdout.count("is right")) == (0, 2)


def test_3_torch_and_onnx_answer_the_same_in_every_language(installation: Installation) -> None:
    by_torch = _answers(installation, "torch")
    made = installation.command("models", "export", MODEL)
    assert made.returncode == 0, made.stderr
    by_onnx = _answers(installation, "onnx")
    for ours, theirs in zip(by_torch, by_onnx, strict=True):
        assert ours["models"]["labeller"] == theirs["models"]["labeller"]
        assert ours["models"]["labeller"]["name"] == MODEL
    for ours, theirs in zip(by_torch[:3], by_onnx[:3], strict=True):
        assert _names(ours) == pytest.approx(_names(theirs), abs=0.01)
    assert set(_names(by_onnx[0])) == set(WORDS)
    # A word is read as it was sent, not by its English name; the answer's language changes nothing in that.
    assert set(_names(by_onnx[1])) == {"Katze", "Hund"}
    assert set(_names(by_onnx[2])) == {"cat", "dog"}
    assert abs(_names(by_onnx[1])["Katze"] - _names(by_onnx[2])["cat"]) > 0.01
    named = [{label["label"] for label in answer["labels"]} for answer in (by_torch[3], by_onnx[3])]
    assert named[0] | named[1] <= {*WORDS, "unknown"}


def _answers(installation: Installation, runtime: str) -> list[dict[str, Any]]:
    """What /classify and /segment say of labels in several languages."""
    with running(**installation.settings, runtime=runtime) as server:
        file_id = server.upload(png_bytes(np.ascontiguousarray(data.coffee())))
        classified = [
            _classify(server, file_id, labels) for labels in (WORDS, ["Katze", "Hund"], ["cat", "dog"])
        ]
        return [*classified, server.segment(file_id, labels=WORDS, points_per_side=4, masks="none")]


def _classify(server: Server, file_id: str, labels: list[str]) -> dict[str, Any]:
    return server.post("classify", file_id=file_id, labels=labels, top_k=len(labels))


def _names(answer: dict[str, Any]) -> dict[str, float]:
    """Probabilities by name."""
    (result,) = answer["results"]
    return {each["label"]: each["confidence"] for each in result["alternatives"]}


def test_4_the_export_alone_serves_without_torch(installation: Installation, tmp_path: Path) -> None:
    directory = Path(installation.settings["checkpoint_dir"])
    (tmp_path / f"{MODEL}.onnx").symlink_to(directory / f"{MODEL}.onnx")
    run = installation.python(
        "import runpy, sys; sys.modules['torch'] = sys.modules['open_clip'] = None;"
        "runpy.run_path('cli.py', run_name='__main__')",
        *("classify", PHOTOGRAPH, *WORDS, "--top-k", str(len(WORDS))),
        checkpoint_dir=str(tmp_path),
    )
    assert run.returncode == 0, run.stderr
    assert all(word in run.stdout for word in WORDS)
