"""Notes of a sorting: lines that last, one process at a time, reports of others left alone."""

import os
from pathlib import Path

import pytest

from domain.errors import StorageUnavailable
from tools.categorize.notes import LOG_FOLDER_NAME, DiskSortLog, NullSortLog

REPORTS = ("report.csv",)


def journal(folder: Path) -> Path:
    return folder / LOG_FOLDER_NAME / "journal.jsonl"


def test_lines_outlive_the_process_and_a_torn_one_is_dropped(tmp_path: Path) -> None:
    with DiskSortLog(tmp_path / "new", REPORTS) as notes:
        notes.add("one")
        assert journal(tmp_path / "new").read_text() == "one\n"  # before the end
        notes.add("zwei – 二")
        assert list(notes.lines()) == ["one", "zwei – 二"]
    with journal(tmp_path / "new").open("ab") as file:
        file.write(b'{"file": ["\xe4\xba')
    with DiskSortLog(tmp_path / "new", REPORTS) as notes:
        assert list(notes.lines()) == ["one", "zwei – 二"]
        notes.add("three")
        assert list(notes.lines()) == ["one", "zwei – 二", "three"]


def test_one_process_at_a_time(tmp_path: Path) -> None:
    with DiskSortLog(tmp_path, REPORTS), pytest.raises(StorageUnavailable, match="another process"):
        DiskSortLog(tmp_path, REPORTS).__enter__()
    with DiskSortLog(tmp_path, REPORTS):
        pass


def test_thumbnails(tmp_path: Path) -> None:
    with DiskSortLog(tmp_path, REPORTS) as notes:
        notes.put_thumbnail("a", b"jpeg")
        assert notes.thumbnail("a") == b"jpeg"
        assert notes.thumbnail("b") is None


def test_reports_are_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    with DiskSortLog(tmp_path, REPORTS) as notes:
        notes.write("report.csv", ["a\r\n", os.fsdecode(b"\xff")])
        assert (tmp_path / "report.csv").read_bytes() == b"a\r\n\\udcff"

        def broken():  # type: ignore[no-untyped-def]
            yield "half"
            raise OSError(28, "No space left on device")

        with pytest.raises(StorageUnavailable, match=r"could not write report.csv: No space left"):
            notes.write("report.csv", broken())
        assert (tmp_path / "report.csv").read_bytes() == b"a\r\n\\udcff"


def test_a_report_that_is_not_from_here_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "report.csv").write_text("mine")
    with pytest.raises(StorageUnavailable, match="not overwritten"):
        DiskSortLog(tmp_path, REPORTS).__enter__()
    assert (tmp_path / "report.csv").read_text() == "mine"
    assert not (tmp_path / LOG_FOLDER_NAME).exists()


def test_no_notes(tmp_path: Path) -> None:
    with NullSortLog() as notes:
        notes.add("one")
        notes.put_thumbnail("a", b"jpeg")
        notes.write("report.csv", ["a"])
        assert list(notes.lines()) == []
        assert notes.thumbnail("a") is None
    assert list(tmp_path.iterdir()) == []
