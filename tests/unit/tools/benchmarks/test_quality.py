"""Which photographs the quality benchmark judges, and how it shows goals."""

import argparse
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tools.benchmarks.quality.part import Part
from tools.benchmarks.quality.rows import Row


def pack(directory: Path, about: dict[str, Any]) -> Path:
    """A pack of three photographs with this metadata, without their pictures."""
    path = directory / "pack.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("index.json", json.dumps(dict.fromkeys("abc", about)))
    return path


def test_photographs_at_the_front_are_left_out(tmp_path: Path) -> None:
    path = pack(tmp_path, {"lines": []})
    assert Part.parse(str(path)).keys == ("a", "b", "c")
    part = Part.parse(f"{path}:1")
    assert (part.name, part.keys) == ("pack", ("b", "c"))


@pytest.mark.parametrize(
    ("about", "kind"),
    [
        ({"regions": {"1": "cat"}}, "objects"),
        ({"lines": []}, "text"),
        ({"annotators": 5}, "outlines"),
        ({"kind": "disparity_x100"}, "disparity"),
        ({"captions": []}, "captions"),
        ({"label": "cat"}, "labels"),
        ({}, "nothing"),
    ],
)
def test_a_pack_is_judged_for_what_is_annotated(tmp_path: Path, about: dict[str, Any], kind: str) -> None:
    assert Part.parse(str(pack(tmp_path, about))).kind == kind


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    path = pack(tmp_path, {})
    with pytest.raises(argparse.ArgumentTypeError, match="3 photographs, none from 3 on"):
        Part.parse(f"{path}:3")
    with pytest.raises(argparse.ArgumentTypeError, match="No such file"):
        Part.parse(str(tmp_path / "gone.zip"))


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        (Row("a", 0.5), ("a", "0.500", "", "")),
        (Row("a", 0.59, 0.59), ("a", "0.590", "at least 0.59", "yes")),
        (Row("a", 0.5, 0.59), ("a", "0.500", "at least 0.59", "no")),
        (Row("a", 1.2, 1.15, at_most=True), ("a", "1.200", "at most 1.15", "no")),
        (Row("a", 0.02, 0.06, at_most=True), ("a", "0.020", "at most 0.06", "yes")),
    ],
)
def test_goals_stand_beside_what_was_measured(row: Row, cells: tuple[str, str, str, str]) -> None:
    assert row.cells == cells
