"""Every benchmark of speed and memory runs, in its smallest form; what it measures is not judged."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.settings import ROOT
from tests.unit.tools.conftest import Run
from tests.unit.tools.packs import CAT, table

SMALL = ("--runs", 1, "--photo", CAT)
MODELS = """
[models.tiny-sam]
adapter = "sam2"
architecture = "sam2.1_hiera_t"
files = []

[models.tiny-clip]
adapter = "clip"
architecture = "ViT-S-32-alt"
files = []
"""


def test_analyze(run: Run) -> None:
    rows = table(run("tools.benchmarks.analyze", *SMALL, "--size", "160x120"))
    calls = {title: int(cells[0]) for title, cells in rows.items() if cells[0].isdigit()}
    assert all(calls[title] > 0 for title in calls if title != "text: lines read")
    assert len(calls) == 8
    assert {"/analyze, new upload", "/segment, other labels"} < rows.keys()


def test_speed(run: Run) -> None:
    small = (*SMALL, "--masks", 3, "--size", "160x120", "--large-size", "320x240")
    rows = table(run("tools.benchmarks.speed", *small))
    assert rows["networks alone, grid 160x120"][2] == "1.00"
    assert {"/segment point, second prompt", "160x120 photographs"} < rows.keys()


def test_load(run: Run) -> None:
    rows = table(run("tools.benchmarks.load", "--clients", 2, "--requests", 4, "--photo", CAT))
    assert rows["answers that differ from the answer alone"] == ["0"]


@pytest.mark.parametrize("more", [(), ("--sam",)])
def test_memory(more: tuple[str, ...], tmp_path: Path) -> None:
    """It replaces its process to set how memory is allocated, so it has one of its own."""
    small = ("--photo", str(CAT), "--size", "160x120", "--points-per-side", "2")
    rows = table(_in_a_process("tools.benchmarks.memory", *more, *small, data=tmp_path))
    assert {"encode", "decode", "refine", "labels", "overlay"} <= rows.keys()


def test_checkpoints(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = tmp_path / "models.toml"
    manifest.write_text(MODELS)
    monkeypatch.setenv("SEGLABEL_MANIFEST", str(manifest))
    small = ("--runs", 1, "--size", "160x120")
    printed = run("tools.benchmarks.checkpoints", "--models", "tiny-sam,tiny-clip", *small)
    rows = [line for line in printed.splitlines() if line.startswith("| tiny")]
    assert [line.split(" | ")[1] for line in rows] == ["torch", "onnx"] * 2


def test_everything(run: Run) -> None:
    small = (*SMALL, "--warm-up", 0, "--points-per-side", 2, "--thresholds", "off")
    rows = table(run("tools.benchmarks.everything", *small))
    assert rows["SAM2AutomaticMaskGenerator"][-1] == "1.0"
    assert {name for name in rows if name.startswith("this service")} == {
        *("this service, torch", "this service, torch, adaptive grid"),
        *("this service, onnx", "this service, onnx, adaptive grid"),
    }


def test_labels(run: Run) -> None:
    rows = table(run("tools.benchmarks.labels", *SMALL, "--regions", 2, "--architecture", "ViT-S-32-alt"))
    assert rows["open_clip, one by one, texts encoded before"][2] == "1.00"
    assert len(rows) == 9


def test_search(run: Run) -> None:
    small = ("--vectors", 300, "--dimensions", 64, "--data", "clusters", "across", "uniform")
    candidates = ("numpy, float32", "simsimd, exact, int8, best 100 in float16")
    printed = run("tools.benchmarks.search", *small, "--only", *candidates)
    assert [table(printed)[candidate][4] for candidate in candidates] == ["1.000", "1.000"]
    assert printed.count("300 vectors of 64") == 3


def _in_a_process(module: str, *arguments: str, data: Path) -> str:
    command = [sys.executable, "-m", module, *arguments]
    environment = os.environ | {"SEGLABEL_DATA_DIR": str(data)}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout
