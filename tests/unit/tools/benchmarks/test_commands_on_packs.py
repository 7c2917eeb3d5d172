"""Every benchmark that measures a pack runs, in its smallest form."""

from pathlib import Path

import numpy as np
import pytest

from commands.serve import MALLOC_ENVIRONMENT
from tests.unit.tools.conftest import Run
from tests.unit.tools.packs import CAT, Entry, ellipse, page, photograph, table, write_pack

ROCKET = CAT.with_name("rocket.jpg")
SIZE = (160, 120)


@pytest.fixture
def objects(tmp_path: Path) -> Path:
    """Two photographs with one object each."""
    metadata = {"regions": {"1": "cat"}}
    entries = {key: Entry(photograph(*SIZE), metadata, ellipse(*SIZE)) for key in "ab"}
    return write_pack(tmp_path / "objects.zip", entries, ["cat", "dog"])


@pytest.fixture
def outlines(tmp_path: Path) -> Path:
    """A photograph that two people segmented."""
    maps = np.concatenate([ellipse(*SIZE) + 1, ellipse(*SIZE) + 1], axis=1)
    return write_pack(tmp_path / "outlines.zip", {"a": Entry(photograph(*SIZE), {"annotators": 2}, maps)})


@pytest.fixture
def disparity(tmp_path: Path) -> Path:
    """A photograph that comes nearer towards the bottom."""
    rows = np.linspace(100, 900, SIZE[1]).astype(np.uint16)[:, None].repeat(SIZE[0], 1)
    entry = Entry(photograph(*SIZE), {"kind": "disparity_x100"}, rows)
    return write_pack(tmp_path / "disparity.zip", {"a": entry})


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """One page of text."""
    return write_pack(tmp_path / "pages.zip", {"a": page()})


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    """Seven photographs of each of two labels."""
    photographs = {"wild cat": photograph(64, 64), "revolver": photograph(64, 64, ROCKET)}
    entries = {
        f"{label}-{number}": Entry(rgb, {"label": label})
        for label, rgb in photographs.items()
        for number in range(7)
    }
    return write_pack(tmp_path / "labels.zip", entries)


@pytest.fixture
def caption(tmp_path: Path) -> Path:
    """One photograph with captions."""
    entry = Entry(photograph(*SIZE), {"captions": ["A cat on a bed .", "A grey cat ."]})
    return write_pack(tmp_path / "caption.zip", {"a": entry})


@pytest.fixture
def captions(tmp_path: Path) -> Path:
    """Two photographs with captions."""
    return write_pack(
        tmp_path / "captions.zip",
        {
            "a": Entry(photograph(*SIZE), {"captions": ["A cat on a bed .", "A grey cat ."]}),
            "b": Entry(photograph(*SIZE, ROCKET), {"captions": ["A rocket .", "A tower at night ."]}),
        },
    )


def test_adaptive(run: Run, objects: Path) -> None:
    printed = run("tools.benchmarks.adaptive", objects, "--limit", 1, "--points-per-side", 4)
    rows = table(printed)
    assert "objects: 1 objects above 1% of the image in 1 images" in printed
    assert rows["full"][:2] == ["16", "100%"]
    assert rows["full, 2 points per side"][0] == "4"
    assert int(rows["adaptive"][0]) <= 16


def test_crops(run: Run, objects: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in MALLOC_ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    printed = run("tools.benchmarks.crops", objects, "--columns", 2, "--rows", 1)
    assert "1 montages of 2 x 1, recall at IoU 0.5" in printed
    assert "2 tall pages of 1, recall at IoU 0.5" in printed
    assert "(below 0.05 %: 0, 0.05 to 0.5 %: 0, larger: 2)" in printed
    rows = table(printed)
    assert rows.keys() >= {"0", "1", "2"}
    assert int(rows["0"][4]) < int(rows["1"][4]) < int(rows["2"][4])


def test_panoptic(run: Run, objects: Path) -> None:
    printed = run("tools.benchmarks.panoptic", objects, "--limit", 1, "--points-per-side", 4)
    rows = table(printed)
    assert rows["painted by confidence"][-1] == "1.00"
    assert "whole objects" in rows
    assert "things, 1 objects in 1 images" in printed


def test_boundaries(run: Run, outlines: Path) -> None:
    rows = table(run("tools.benchmarks.boundaries", outlines, "--limit", 1))
    assert 0 < float(rows["F, one threshold for all (ODS)"][0]) <= 1


def test_depth(run: Run, disparity: Path) -> None:
    rows = table(run("tools.benchmarks.depth", disparity, "--runs", 1))
    assert rows["a"][1] == rows["mean"][1] == "1.000"
    assert 0 < float(rows["mean"][0]) <= 1


def test_text(run: Run, pages: Path) -> None:
    rows = table(run("tools.benchmarks.text", pages, "--threads", 1))
    assert rows["word recall, punctuation removed"] == ["1.000", "1.000"]
    assert rows["lines matched"] == ["1.000", "1.000"]


@pytest.mark.parametrize("pack", ["labels", "objects"])
def test_robustness(run: Run, pack: str, request: pytest.FixtureRequest) -> None:
    path = request.getfixturevalue(pack)
    rows = table(run("tools.benchmarks.robustness", path, "--every", 7, "--only", "JPEG"))
    assert len(rows["JPEG, quality"]) == 7
    assert 0 <= float(rows["JPEG, quality"][1]) <= 1


@pytest.mark.parametrize(
    ("topic", "pack", "figure"),
    [
        ("masks", "objects", "box"),
        ("examples", "objects", "box in another photograph: precision"),
        ("names", "objects", "top-1 of the pack's 2 classes"),
        ("boundaries", "outlines", "F, one threshold for all (ODS)"),
        ("text", "pages", "word recall, punctuation removed"),
        ("depth", "disparity", "depth network"),
        ("zeroshot", "labels", "top-1 (chance 0.500)"),
        ("fewshot", "labels", "2 examples each: top-1"),
        ("moderation", "labels", "weapon: recall (chance 0.000)"),
        ("retrieval", "captions", "text -> image recall@1 (chance 0.500)"),
        ("captions", "caption", "content words, F1 with the nearest caption"),
    ],
)
def test_quality(run: Run, topic: str, pack: str, figure: str, request: pytest.FixtureRequest) -> None:
    rows = table(run("tools.benchmarks.quality.__main__", topic, request.getfixturevalue(pack)))
    assert 0 <= float(rows[figure][0]) <= 1


def test_a_pack_of_another_kind_is_refused(run: Run, pages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run("tools.benchmarks.quality.__main__", "masks", pages)
    assert "no pack has the annotation that masks needs" in capsys.readouterr().err
