"""`cli.py segment --export` over fakes."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from pycocotools.coco import COCO

from commands import photographs, segment
from config.settings import Settings
from domain.arrays import Rgb
from services.formats.table import FORMAT_NAMES
from services.segment import SegmentService
from tests.conftest import fake_services, png_bytes

ARGUMENTS = ("--labels", "red,green", "--max-masks", "4", "--points-per-side", "8")


@pytest.fixture
def folder(tmp_path: Path, red_green: Rgb) -> Path:
    """Three photographs, two of one name."""
    for name in ("a.png", "b.png", "sub/a.png"):
        path = tmp_path / "photographs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png_bytes(red_green))
    return tmp_path / "photographs"


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(segment, "open_services", fake_services)
    monkeypatch.setattr(photographs, "configure_logging", lambda _: None)

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(segment.segment, [*map(str, arguments), *ARGUMENTS], obj=settings)

    return invoke


@pytest.mark.parametrize("form", FORMAT_NAMES)
def test_a_folder_becomes_a_data_set(run, folder: Path, tmp_path: Path, form: str) -> None:
    done = run(folder, "--export", form, "--out", tmp_path / "set")
    assert done.exit_code == 0, done.output
    images = {path.name for path in (tmp_path / "set").rglob("*.png") if path.parent.name != "panoptic"}
    assert images == {"a.png", "b.png", "sub_a.png"}


def test_an_interrupted_run_goes_on(
    run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, out = tmp_path / "whole", tmp_path / "set"
    assert run(folder, "--export", "coco", "--out", whole).exit_code == 0
    segmented: list[str] = []
    real = SegmentService.segment

    def interrupted(self, photo, *arguments):  # type: ignore[no-untyped-def]
        if len(segmented) == 1:
            raise KeyboardInterrupt
        segmented.append(photo.key)
        return real(self, photo, *arguments)

    monkeypatch.setattr(SegmentService, "segment", interrupted)
    assert run(folder, "--export", "coco", "--out", out).exit_code == 1
    assert len(COCO(out / "annotations.json").imgs) == 1
    segmented[:] = ["other", "other"]
    assert run(folder, "--export", "coco", "--out", out).exit_code == 0
    contents = [next(folder.rglob(name)).read_bytes() for name in ("b.png", "a.png")]
    assert segmented[2:] == [f"sha256:{hashlib.sha256(data).hexdigest()}" for data in contents]
    assert (out / "annotations.json").read_bytes() == (whole / "annotations.json").read_bytes()
    assert run(folder, "--export", "coco", "--out", out).exit_code == 0
    assert len(segmented) == 4


def test_a_broken_photograph_is_named_and_the_others_are_written(run, folder: Path, tmp_path: Path) -> None:
    (folder / "broken.jpg").write_bytes(b"no image")
    done = run(folder, "--export", "coco", "--out", tmp_path / "set")
    assert done.exit_code == 1
    assert "broken.jpg" in done.output
    assert "1 of 4 photographs" in done.output
    document = json.loads((tmp_path / "set" / "annotations.json").read_text())
    assert len(document["images"]) == 3
    assert [category["name"] for category in document["categories"]] == ["red", "green", "unknown"]


def test_the_data_set_has_what_json_has(run, folder: Path, tmp_path: Path) -> None:
    assert run(folder / "a.png", "--json", tmp_path / "a.json", "--cutouts").exit_code == 0
    assert run(folder / "a.png", "--export", "coco", "--out", tmp_path / "set").exit_code == 0
    entries = json.loads((tmp_path / "a.json").read_text())["labels"]
    assert all(entry["cutout"].startswith("data:image/png") for entry in entries)
    annotations = json.loads((tmp_path / "set" / "annotations.json").read_text())["annotations"]
    assert [one["segmentation"] for one in annotations] == [entry["mask"] for entry in entries]


def test_the_panoptic_data_set_has_whole_objects(run, folder: Path, tmp_path: Path) -> None:
    assert run(folder / "a.png", "--json", tmp_path / "a.json", "--output", "panoptic").exit_code == 0
    assert run(folder / "a.png", "--export", "coco_panoptic", "--out", tmp_path / "set").exit_code == 0
    body = json.loads((tmp_path / "a.json").read_text())
    assert body["segmentation"].startswith("data:image/png")
    (annotation,) = json.loads((tmp_path / "set" / "panoptic.json").read_text())["annotations"]
    assert [(one["id"], one["area"]) for one in annotation["segments_info"]] == [
        (entry["mask_index"] + 1, entry["area"]) for entry in body["labels"]
    ]


def test_a_data_set_inside_of_the_folder_is_not_read(run, folder: Path) -> None:
    for _ in range(2):
        assert run(folder, "--export", "labelme", "--out", folder / "set").exit_code == 0
    assert len(list((folder / "set").glob("*.png"))) == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--export", "coco"], "--out"),
        (["--export", "coco", "--out", "set", "--json", "answers"], "no --json"),
        (["--export", "coco2", "--out", "set"], "label_studio"),
        (["--export", "coco", "--out", "photographs"], "--out: expected a new or empty folder"),
        (["--export", "coco_panoptic", "--out", "set", "--output", "regions"], "`--output` panoptic, got"),
        (["--export", "coco_panoptic", "--out", "set", "--no-classify"], "`--export` coco_panoptic"),
    ],
)
def test_options_that_do_not_fit_are_refused(
    run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(folder, *arguments)
    assert done.exit_code == 2
    assert words in done.output
    assert not (tmp_path / "set").exists()


def test_other_options_need_another_folder(run, folder: Path, tmp_path: Path) -> None:
    assert run(folder, "--export", "coco", "--out", tmp_path / "set").exit_code == 0
    done = run(folder, "--export", "coco", "--out", tmp_path / "set", "--quality-threshold", "0.5")
    assert done.exit_code == 2
    assert "another quality_threshold" in done.output
    same = run(folder, "--export", "coco", "--out", tmp_path / "set", "--masks", "png")
    assert same.exit_code == 0, same.output


def test_masks_reach_the_document(run, folder: Path, tmp_path: Path) -> None:
    assert run(folder, "--export", "coco", "--out", tmp_path / "set").exit_code == 0
    coco = COCO(tmp_path / "set" / "annotations.json")
    for annotation in coco.anns.values():
        assert int(np.sum(coco.annToMask(annotation))) == annotation["area"]
