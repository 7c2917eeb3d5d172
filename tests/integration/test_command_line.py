"""cli.py, run as a user runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from config.settings import ROOT
from domain.arrays import Rgb


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "cli.py", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_one_photograph(tmp_path: Path, photographs: dict[str, Rgb]) -> None:
    photo, out, answer = tmp_path / "cat.png", tmp_path / "overlay.png", tmp_path / "out.json"
    Image.fromarray(photographs["chelsea"]).save(photo)
    done = run("segment", photo, "--out", out, "--json", answer)
    assert done.returncode == 0, done.stderr
    assert "256 grid points" in done.stderr
    assert np.asarray(Image.open(out)).shape == photographs["chelsea"].shape
    body = json.loads(answer.read_text())
    assert body["success"] is True
    assert body["mask_count"] == len(body["labels"]) > 5
    assert {"label", "confidence", "mask_index", "bbox", "mask"} <= set(body["labels"][0])
    assert "segmented_image" not in body


def test_a_folder_with_a_broken_file(tmp_path: Path, photographs: dict[str, Rgb]) -> None:
    folder, out, answers = tmp_path / "in", tmp_path / "overlays", tmp_path / "answers"
    (folder / "deeper").mkdir(parents=True)
    Image.fromarray(photographs["chelsea"]).save(folder / "cat.png")
    Image.fromarray(photographs["coffee"]).save(folder / "deeper" / "cup.jpg")
    (folder / "broken.jpg").write_bytes(b"no image")
    done = run("segment", folder, "--out", out, "--json", answers, "--max-masks", 3)
    assert done.returncode == 1
    assert "broken.jpg" in done.stderr
    assert "1 of 3 photographs" in done.stderr
    assert files_in(out) == {"cat-png.png", "deeper/cup-jpg.png"}
    assert files_in(answers) == {"cat-png.json", "deeper/cup-jpg.json"}


def test_a_click_is_printed(tmp_path: Path, photographs: dict[str, Rgb]) -> None:
    photo = tmp_path / "cat.png"
    Image.fromarray(photographs["chelsea"]).save(photo)
    done = run("segment", photo, "--point", "230,130", "--labels", "cat, dog")
    assert done.returncode == 0, done.stderr
    assert "1 regions" in done.stdout
    assert "cat" in done.stdout


def test_bad_options_are_explained(tmp_path: Path, photographs: dict[str, Rgb]) -> None:
    photo = tmp_path / "cat.png"
    Image.fromarray(photographs["chelsea"]).save(photo)
    assert "expected numbers" in run("segment", photo, "--box", "a,b").stderr
    assert "--points-per-side" in run("segment", photo, "--points-per-side", 99).stderr
    assert "expected 0 <= x" in run("segment", photo, "--point", "9999,1").stderr
    assert "default" in run("segment", photo, "--vocabulary", "klingon").stderr


def test_labels_and_models_are_listed() -> None:
    assert "traffic light" in run("labels").stdout.splitlines()
    embedded = [line for line in run("models", "list").stdout.splitlines() if line.endswith(" embedded")]
    assert len(embedded) == 8
    assert all(" present " in line for line in embedded)


@pytest.mark.parametrize("command", [["segment", "examples/photo.jpg"], ["serve"]])
def test_a_profile_that_does_not_exist_is_one_line(
    command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGLABEL_PROFILE", "huge")
    done = run(*command)
    assert done.returncode == 1
    known = "embedded, base, large, multilingual"
    assert done.stderr.strip() == f"Error: profile: expected one of {known}, got 'huge'"


@pytest.fixture
def odd_folder(tmp_path: Path, photographs: dict[str, Rgb]) -> Path:
    """Two photographs, one with a name that is not UTF-8, and a file beside them."""
    folder = tmp_path / "in"
    folder.mkdir()
    Image.fromarray(photographs["chelsea"]).resize((120, 80)).save(folder / "=1+1.png")
    (folder / os.fsdecode(b"caf\xe9.jfif")).write_bytes((folder / "=1+1.png").read_bytes())
    (folder / "notes.txt").touch()
    return folder


@pytest.mark.parametrize("encoding", ["utf-8:strict", "ascii:strict", "cp1252:strict"])
def test_categorize_copes_with_every_name_and_terminal(
    odd_folder: Path, tmp_path: Path, encoding: str
) -> None:
    (odd_folder / os.fsdecode(b"broken-\xe9.jpg")).touch()
    command = [sys.executable, "cli.py", "categorize", odd_folder, "--labels", "cat, dog", "--copy"]
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "SEGLABEL_DATA_DIR": str(tmp_path / "data")}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=300, check=False)
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert b"broken-\\xe9.jpg: expected" in done.stderr
    assert b"1 file was passed over: .txt 1" in done.stdout
    out = tmp_path / "in-sorted"
    assert {b"=1+1.png", b"caf\xe9.jfif"} <= {os.fsencode(path.name) for path in out.rglob("*")}
    paths = {photo["path"] for photo in json.loads((out / "report.json").read_bytes())["photographs"]}
    assert paths == {"=1+1.png", "caf\\xe9.jfif"}
    assert b'"\'=1+1.png"' in (out / "report.csv").read_bytes()


def test_a_closed_pipe_ends_printing_and_loses_no_plot(odd_folder: Path, tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    environment = {**os.environ, "SEGLABEL_DATA_DIR": str(tmp_path / "data")}
    for options, status in (["--plot", tmp_path / "plots"], 0), ([], 1):
        command = [sys.executable, "cli.py", "classify", odd_folder, "cat", "dog", *options]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            stdout=writer,
            stderr=subprocess.PIPE,
            timeout=300,
            check=False,
        )
        assert b"Traceback" not in done.stderr
        assert b"Exception" not in done.stderr
        assert done.returncode == status
    os.close(writer)
    assert len(files_in(tmp_path / "plots")) == 2
