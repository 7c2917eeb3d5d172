"""cli.py compare, run as a user runs it, with the embedded labeller and a network of random weights."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from cli import cli
from config.settings import ROOT
from tools.compare.cnn import baselines

SHAPES = ("circle", "red_square", "triangle")
COUNT = 8
PATIENCE_S = 300
QUICK = ("--cnn", "resnet18", "--from-scratch", "--size", "32", "--epochs", "1")


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Drawn shapes, COUNT of each, one file that is broken, and one that is no image."""
    root = tmp_path / "shapes"
    random = np.random.default_rng(0)
    for shape in SHAPES:
        (root / shape).mkdir(parents=True)
        for number in range(COUNT):
            Image.fromarray(drawn(shape, random)).save(root / shape / f"{number}.png")
    (root / "circle" / "broken.png").write_bytes((root / "circle" / "0.png").read_bytes()[:60])
    (root / "notes.txt").write_text("not a class")
    return root


def drawn(shape: str, random: np.random.Generator) -> np.ndarray:
    rgb = np.full((64, 64, 3), 240, np.uint8)
    x, y, size = (int(number) for number in random.integers(20, 40, 3))
    if shape == "circle":
        cv2.circle(rgb, (x, y), size // 2, (20, 60, 200), -1)
    elif shape == "red_square":
        cv2.rectangle(rgb, (x - size // 2, y - size // 2), (x + size // 2, y + size // 2), (200, 30, 30), -1)
    else:
        cv2.fillConvexPoly(rgb, np.array([(x, y - 15), (x - 15, y + 15), (x + 15, y + 15)]), (30, 160, 40))
    return rgb


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["compare", *map(str, arguments)])


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "SEGLABEL_DATA_DIR": str(folder / "data"), "SEGLABEL_MODEL_THREADS": "1"}


def test_a_whole_comparison(dataset: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "cli.py", "compare", str(dataset), *QUICK, "--shots", "2"],
        cwd=ROOT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    out = tmp_path / "shapes-comparison"
    assert done.stdout.splitlines()[-1] == str(out / "report.md")
    assert [line.split("  ")[0] for line in done.stdout.splitlines()[1:-1]] == [
        "zero-shot", "few-shot", "linear probe", "fine-tuned",
    ]  # fmt: skip
    assert "circle/broken.png: " in done.stderr
    assert {path.suffix for path in out.iterdir()} == {".md", ".html", ".png"}
    report = (out / "report.md").read_text()
    assert "3 classes, 18 photographs to learn from, 6 to be asked about" in report
    assert "Weights: random, seed 0. Random weights: nothing was learnt before." in report
    assert "1 class was left out of training once more" in report
    assert r"- circle/broken.png: expected a PNG file" in report
    assert "| red square |" in report


def test_an_interrupted_run_leaves_no_report(dataset: Path, tmp_path: Path) -> None:
    command = [sys.executable, "cli.py", "compare", str(dataset), *QUICK[:-1], "400"]
    running = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A test run in the background of a shell ignores SIGINT, and its children would, too.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert running.stderr is not None
    seen = ""
    while "fine-tune" not in seen:
        seen += (letter := running.stderr.read(1))
        assert letter, seen
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=PATIENCE_S)
    assert running.returncode == 1
    assert "interrupted; nothing was written" in errors
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "shapes"]


def test_no_folder_and_no_classes(dataset: Path, tmp_path: Path) -> None:
    assert "is a file" in invoke(dataset / "notes.txt", *QUICK).output
    assert "does not exist" in invoke(tmp_path / "nowhere", *QUICK).output
    found = invoke(dataset / "circle", *QUICK)
    assert found.exit_code == 1
    assert "expected a folder with at least 2 class folders of photographs, got 0" in found.output


def test_too_few_photographs(dataset: Path) -> None:
    for number in range(1, COUNT):
        (dataset / "circle" / f"{number}.png").unlink()
    found = invoke(dataset, *QUICK)
    assert found.exit_code == 1
    assert "got fewer in circle (1)" in found.output


def test_a_folder_that_is_taken(dataset: Path) -> None:
    found = invoke(dataset, *QUICK, "--out", dataset)
    assert found.exit_code == 1
    assert "nothing is overwritten" in found.output


def test_weights_that_are_not_there(dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGLABEL_CHECKPOINT_DIR", str(tmp_path))
    found = invoke(dataset, "--cnn", "vgg16")
    assert found.exit_code == 1
    assert "python cli.py models pull vgg16" in found.output
    both = invoke(dataset, *QUICK, "--weights", dataset / "notes.txt")
    assert both.exit_code == 2
    assert "expected --weights or --from-scratch, got both" in both.output


def test_without_torch(dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baselines, "find_spec", lambda _: None)
    found = invoke(dataset, *QUICK)
    assert found.exit_code == 1
    assert "torch, torchvision not installed: pip install -r requirements-torch.txt" in found.output
