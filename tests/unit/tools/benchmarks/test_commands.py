"""Every benchmark of speed and memory runs, in its smallest form; what it measures is not judged."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from commands.serve import MALLOC_ENVIRONMENT
from config.settings import ROOT
from tests.unit.tools.benchmarks.tiny_models import register_clip, register_sam
from tests.unit.tools.conftest import Run
from tests.unit.tools.packs import CAT, table
from tools.benchmarks import analyze, checkpoints, load, prompts, slow_clients, speed
from tools.benchmarks.server import Server, running

SMALL = ("--runs", 1, "--photo", CAT)
MODELS = """
[models.sam]
adapter = "sam2"
architecture = "tiny-sam"
files = []

[models.clip]
adapter = "clip"
architecture = "tiny-vit"
files = []
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """One service for all benchmarks that would start their own."""
    with running() as service:
        yield service


@pytest.fixture
def started(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gives the service that runs to whoever starts one."""
    for module in (analyze, load, prompts, slow_clients, speed):
        monkeypatch.setattr(module, "running", partial(nullcontext, server))


@pytest.mark.usefixtures("started")
def test_analyze(run: Run) -> None:
    rows = table(run("tools.benchmarks.analyze", *SMALL, "--warm-up", 0, "--size", "120x120"))
    calls = {title: int(cells[0]) for title, cells in rows.items() if cells[0].isdigit()}
    assert all(calls[title] > 0 for title in calls if title != "text: lines read")
    assert len(calls) == 8
    assert {"/analyze, new upload", "/segment, other labels"} < rows.keys()


@pytest.mark.usefixtures("started")
def test_speed(run: Run) -> None:
    small = (*SMALL, "--masks", 3, "--size", "160x120", "--large-size", "320x240")
    rows = table(run("tools.benchmarks.speed", *small))
    assert rows["networks alone, grid 160x120"][2] == "1.00"
    assert {"/segment point, second prompt", "160x120 photographs"} < rows.keys()


@pytest.mark.usefixtures("started")
def test_prompts(run: Run) -> None:
    printed = run("tools.benchmarks.prompts", *SMALL, "--boxes", 5, "--size", "160x120")
    rows = table(printed)
    assert rows["segmenter: prompts"][0] == "1"
    assert rows["decoding and labelling alone"][-1] == "1.00"
    assert {"/segment", "/segment with the overlay"} < rows.keys()
    assert "times decoding and labelling alone (median of the ratios)" in printed


@pytest.mark.usefixtures("started")
def test_load(run: Run) -> None:
    small = ("--clients", 2, "--requests", 4, "--photo", CAT, "--sizes", "320x240")
    rows = table(run("tools.benchmarks.load", *small))
    assert rows["answers that differ from the answer alone"] == ["0"]


@pytest.mark.usefixtures("started")
def test_slow_clients(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow_clients, "SETTLE_S", 0.1)
    rows = table(run("tools.benchmarks.slow_clients", "--clients", 2, "--requests", 16))
    assert {"GET /health", "POST /segment, cached"} < rows.keys()
    assert [rows[kind][-1] for kind in ("unread answer", "dripped headers", "half a body")] == ["0"] * 3


def test_memory(tmp_path: Path) -> None:
    """It replaces its process to set how memory is allocated, so it has one of its own."""
    command = [sys.executable, "-m", "tools.benchmarks.memory", "--photo", str(CAT), "--size", "160x120"]
    environment = os.environ | {"SEGLABEL_DATA_DIR": str(tmp_path)}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert {"encode", "decode", "refine", "classify", "overlay"} <= table(ended.stdout).keys()


def test_memory_of_sam(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in MALLOC_ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    small = ("--photo", CAT, "--size", "160x120", "--points-per-side", 2)
    printed = run("tools.benchmarks.memory", "--sam", "--architecture", register_sam(), *small)
    assert "Memory, SAM 2.1, " in printed
    assert {"encode", "decode", "refine", "classify", "overlay"} <= table(printed).keys()


def test_checkpoints(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each row is measured here and not in a process of its own, which would not know the small models."""
    register_sam(), register_clip(tmp_path)
    manifest = tmp_path / "models.toml"
    manifest.write_text(MODELS)
    monkeypatch.setenv("SEGLABEL_MANIFEST", str(manifest))

    def here(*arguments: str) -> Any:
        return json.loads(run(checkpoints.MODULE, *arguments).splitlines()[-1])

    monkeypatch.setattr(checkpoints, "in_a_process", here)
    assert checkpoints.MODULE == "tools.benchmarks.checkpoints" == checkpoints.__name__
    for model in ("sam", "clip"):
        rows = run(checkpoints.MODULE, "--models", model, "--runs", 1, "--size", "160x120").splitlines()
        assert [row.split(" | ")[1] for row in rows if row.startswith(f"| {model} ")] == ["torch", "onnx"]


def test_everything(run: Run) -> None:
    small = (*SMALL, "--architecture", register_sam(), "--warm-up", 0, "--points-per-side", 2)
    rows = table(run("tools.benchmarks.everything", *small, "--thresholds", "off"))
    assert rows["SAM2AutomaticMaskGenerator"][-1] == "1.0"
    assert {name for name in rows if name.startswith("this service")} == {
        *("this service, torch", "this service, torch, adaptive grid"),
        *("this service, onnx", "this service, onnx, adaptive grid"),
    }


def test_labels(run: Run, tmp_path: Path) -> None:
    small = (*SMALL, "--warm-up", 0, "--regions", 2, "--architecture", register_clip(tmp_path))
    rows = table(run("tools.benchmarks.labels", *small))
    assert rows["open_clip, one by one, texts encoded before"][2] == "1.00"
    assert sum(name.startswith("this service") for name in rows) == 6


def test_search(run: Run) -> None:
    small = ("--vectors", 300, "--dimensions", 64, "--data", "clusters", "across", "uniform")
    candidates = ("numpy, float32", "simsimd, exact, int8, best 100 in float16")
    printed = run("tools.benchmarks.search", *small, "--only", *candidates)
    assert [table(printed)[candidate][4] for candidate in candidates] == ["1.000", "1.000"]
    assert printed.count("300 vectors of 64") == 3
