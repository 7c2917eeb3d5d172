"""cli.py, run as a user runs it."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO

from config.settings import ROOT
from domain.arrays import Rgb


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "cli.py", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


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
    assert {path.name for path in out.iterdir()} == {"cat-png.png", "cup-jpg.png"}
    assert {path.name for path in answers.iterdir()} == {"cat-png.json", "cup-jpg.json"}


def test_a_data_set_of_turned_photographs_is_loaded(tmp_path: Path, photographs: dict[str, Rgb]) -> None:
    folder, out = tmp_path / "in", tmp_path / "set"
    exif = Image.Exif()
    exif[0x0112] = 8
    (folder / "sub").mkdir(parents=True)
    Image.fromarray(photographs["chelsea"]).save(folder / "cat.jpg")
    Image.fromarray(np.rot90(photographs["chelsea"], -1)).save(folder / "sub" / "cat.jpg", exif=exif)
    command = ("segment", folder, "--export", "coco", "--out", out, "--max-masks", 5, "--labels", "cat")
    assert run(*command).returncode == 0
    first = (out / "annotations.json").read_bytes()
    coco = COCO(out / "annotations.json")
    height, width = photographs["chelsea"].shape[:2]
    for image in coco.imgs.values():
        assert (image["width"], image["height"]) == (width, height)
        with Image.open(out / "images" / image["file_name"]) as written:
            assert written.size == (width, height)
        annotations = coco.loadAnns(coco.getAnnIds(imgIds=image["id"]))
        assert [int(coco.annToMask(one).sum()) for one in annotations] == [one["area"] for one in annotations]
        assert len(annotations) == 5
    assert {path.name for path in (out / "images").iterdir()} == {"cat.jpg", "sub_cat.png"}
    assert run(*command).returncode == 0
    assert (out / "annotations.json").read_bytes() == first


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
