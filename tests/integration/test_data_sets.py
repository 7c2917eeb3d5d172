"""`cli.py segment --export`, killed at any moment, over a folder of odd names."""

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import supervision
from PIL import Image
from pycocotools.coco import COCO

from config.settings import ROOT
from domain.arrays import Rgb

NAMES = [
    "a cat.jpg",
    "b/a cat.jpg",
    "b/c/a cat.jpg",
    "naïve 猫 😀.png",
    "naïve 猫 😀.jpg",
    "#1 & 'two'; %s.jpg",
    "UPPER.JPG",
    "-x.webp",
]


@pytest.fixture
def folder(tmp_path: Path, photographs: dict[str, Rgb]) -> Path:
    """Small photographs, all different, and a file that is none."""
    whole = Image.fromarray(photographs["chelsea"]).resize((180, 120))
    for number, name in enumerate(NAMES):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        whole.crop((number, 0, number + 150, 120)).save(path)
    (tmp_path / "in" / "broken.jpg").write_bytes(b"no image")
    return tmp_path / "in"


def command(folder: Path, form: str, out: Path) -> list[str]:
    options = ("--export", form, "--out", str(out), "--max-masks", "4", "--labels", "cat, dog")
    return [sys.executable, "cli.py", "segment", str(folder), *options]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def run(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


def kill_after(arguments: list[str], out: Path, photographs: int) -> None:
    """Run the command, and kill it as soon as so many photographs are complete."""
    lines = out / ".seglabel" / "images.jsonl"
    process = subprocess.Popen(arguments, cwd=ROOT, stderr=subprocess.DEVNULL)
    while process.poll() is None and not (lines.exists() and lines.read_bytes().count(b"\n") >= photographs):
        time.sleep(0.002)
    process.kill()
    process.wait(30)


def test_a_run_that_is_killed_goes_on_to_the_same_data_set(tmp_path: Path, folder: Path) -> None:
    whole, out = tmp_path / "whole", tmp_path / "set"
    done = run(command(folder, "coco", whole))
    assert done.returncode == 1
    assert "1 of 9 photographs could not be segmented" in done.stderr
    assert "broken.jpg" in done.stderr
    assert "9/9" in done.stderr  # The progress bar.
    for photographs in (2, 5):
        kill_after(command(folder, "coco", out), out, photographs)
        assert not (out / "annotations.json").exists()
    again = run(command(folder, "coco", out))
    assert again.returncode == 1, again.stderr
    assert contents(out) == contents(whole)
    coco = COCO(out / "annotations.json")
    names = [image["file_name"] for image in coco.imgs.values()]
    assert sorted(path.name for path in (out / "images").iterdir()) == sorted(names)
    assert len({Path(name).stem for name in names}) == len(NAMES)
    for image in coco.imgs.values():
        with Image.open(out / "images" / image["file_name"]) as written:
            assert written.size == (image["width"], image["height"]) == (150, 120)


def test_supervision_loads_every_odd_name(tmp_path: Path, folder: Path) -> None:
    out = tmp_path / "set"
    assert run(command(folder, "yolo", out)).returncode == 1
    loaded = supervision.DetectionDataset.from_yolo(
        str(out / "images"), str(out / "labels"), str(out / "data.yaml"), force_masks=True
    )
    assert loaded.classes == ["cat", "dog", "unknown"]
    assert len(loaded) == len(NAMES)
    records = [json.loads(line) for line in (out / ".seglabel" / "images.jsonl").read_text().splitlines()]
    for record in records:
        state = json.loads((out / ".seglabel" / "records" / f"{record['image_id']}.json").read_text())
        detections = loaded.annotations[str(out / "images" / record["file_name"])]
        assert len(detections) == len(state["annotations"])
        assert np.all(detections.mask.any(axis=(1, 2)))
