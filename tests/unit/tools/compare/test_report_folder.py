"""A report is there as a whole, or not at all."""

from pathlib import Path

import pytest

from domain.errors import StorageUnavailable
from tools.compare.report import check_folder_free, publish_report

FILES = {"report.md": b"# Report", "accuracy.png": b"\x89PNG"}


@pytest.mark.parametrize("there", ["nothing", "an empty folder", "no parent"])
def test_all_files_are_put(tmp_path: Path, there: str) -> None:
    folder = tmp_path / "deep" / "out" if there == "no parent" else tmp_path / "out"
    if there == "an empty folder":
        folder.mkdir()
    publish_report(folder, FILES)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == FILES
    assert [path.name for path in folder.parent.iterdir()] == ["out"]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine")
    for taken in (tmp_path, tmp_path / "note.txt"):
        with pytest.raises(StorageUnavailable, match="nothing is overwritten"):
            check_folder_free(taken)
    with pytest.raises(StorageUnavailable, match="expected a folder that is not there yet"):
        publish_report(tmp_path, FILES)
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


def test_a_report_that_cannot_be_finished_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable, match="could not write the report"):
        publish_report(tmp_path / "out", FILES | {"no/such/folder.png": b""})
    assert list(tmp_path.iterdir()) == []
