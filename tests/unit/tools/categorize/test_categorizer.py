"""Sorting places each image by its label, and a run that died anywhere is resumed without a trace."""

import errno
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.threads import ThreadWorkerPool
from domain.errors import InvalidRequest, StorageUnavailable
from domain.labels import Label, Vocabulary
from services.labels.confidence import LabelOptions
from services.progress import Progress
from services.vocabularies.parse import vocabulary_from_list
from tests.unit.tools.categorize.fakes import Killed, MemoryFolder, MemoryLog, Mortal, batch_labeller
from tools.categorize.categorizer import Categorizer
from tools.categorize.types import FileAction, FileProblem, SortPlan, SortResult

PLAN = SortPlan(
    Path("/in"), Path("/out"), Path("/out"), LabelOptions(vocabulary_from_list(["red", "green"]), top_k=2)
)
FILES = {
    "1.jpg": b"red",
    "2.jpg": b"green",
    "3.jpg": b"white",
    "deep/1.jpg": b"red",
    "deep/er/1.jpg": b"red",
    "deep/x.jpg": b"blue",
}
PLACES = {
    "red/1.jpg": b"red",
    "green/2.jpg": b"green",
    "unknown/3.jpg": b"white",
    "red/1 (2).jpg": b"red",
    "red/1 (3).jpg": b"red",
    "unknown/x.jpg": b"blue",
}


@pytest.fixture(scope="module")
def pool() -> Iterator[ThreadWorkerPool]:
    threads = ThreadWorkerPool(2)
    yield threads
    threads.shutdown()


def sort(
    pool: ThreadWorkerPool,
    folder: MemoryFolder,
    log: MemoryLog | None,
    action: FileAction | None,
    **changes: object,
) -> SortResult:
    plan = replace(PLAN, action=action, **changes)  # type: ignore[arg-type]
    return Categorizer(batch_labeller(pool), folder, log).run(plan, Progress())


@pytest.mark.parametrize("action", ["copy", "move", "link"])
def test_each_photograph_goes_to_its_label(pool: ThreadWorkerPool, action: FileAction) -> None:
    folder = MemoryFolder(FILES)
    result = sort(pool, folder, MemoryLog(), action)
    assert folder.out == PLACES
    assert folder.files == ({} if action == "move" else FILES)
    assert result.counts == {"red": 3, "green": 1, "unknown": 2}
    assert [found.target for found in result.sorted_files] == list(PLACES)
    assert result.passed_over == {".txt": 2}


def test_a_dry_run_says_the_same_and_does_nothing(pool: ThreadWorkerPool) -> None:
    folder = MemoryFolder(FILES)
    result = sort(pool, folder, MemoryLog(), None)
    assert (folder.files, folder.out) == (FILES, {})
    assert result.counts == {"red": 3, "green": 1, "unknown": 2}
    assert {found.target for found in result.sorted_files} == {None}


def test_a_dry_run_needs_no_log(pool: ThreadWorkerPool) -> None:
    assert sort(pool, MemoryFolder(FILES), None, None) == sort(pool, MemoryFolder(FILES), MemoryLog(), None)


def test_flat_leaves_folders_inside_alone(pool: ThreadWorkerPool) -> None:
    assert len(sort(pool, MemoryFolder(FILES), MemoryLog(), None, recursive=False).sorted_files) == 3


def test_a_threshold(pool: ThreadWorkerPool) -> None:
    label_options = replace(PLAN.label_options, confidence_threshold=1.0)
    result = sort(pool, MemoryFolder(FILES), MemoryLog(), None, label_options=label_options)
    assert result.counts == {"red": 0, "green": 0, "unknown": 6}


@pytest.mark.parametrize("action", ["copy", "move"])
def test_a_run_that_dies_anywhere_is_resumed(pool: ThreadWorkerPool, action: FileAction) -> None:
    whole_folder, whole_log = MemoryFolder(FILES), MemoryLog()
    whole = sort(pool, whole_folder, whole_log, action)
    for steps in range(1_000):
        life = Mortal(steps)
        folder, log = MemoryFolder(FILES, life), MemoryLog(life)
        try:
            sort(pool, folder, log, action)
        except Killed:
            life.steps = None
            assert sort(pool, folder, log, action) == whole, steps
        assert folder.out == PLACES, steps
        assert folder.files == whole_folder.files, steps
        assert log.thumbnails == whole_log.thumbnails, steps
        if life.steps is not None:  # it lived to the end
            break
    assert steps > 50


def test_many_deaths(pool: ThreadWorkerPool) -> None:
    life = Mortal()
    folder, log = MemoryFolder(FILES, life), MemoryLog(life)
    for _ in range(100):
        life.steps = 7
        try:
            sort(pool, folder, log, "move")
        except Killed:
            continue
        break
    assert (folder.out, folder.files) == (PLACES, {})


def test_nothing_is_labelled_twice(pool: ThreadWorkerPool) -> None:
    folder, log = MemoryFolder(FILES), MemoryLog()
    sort(pool, folder, log, None)
    folder.read_paths.clear()
    result = sort(pool, folder, log, "copy")
    assert folder.out == PLACES
    assert folder.read_paths == []
    lines = len(log.kept)
    assert sort(pool, folder, log, "copy") == result
    assert (folder.out, len(log.kept)) == (PLACES, lines)
    folder.files["new.jpg"] = b"green"
    sort(pool, folder, log, "copy")
    assert folder.read_paths == ["new.jpg"]
    assert folder.out == {**PLACES, "green/new.jpg": b"green"}


def test_the_log_of_another_plan_is_refused(pool: ThreadWorkerPool) -> None:
    log = MemoryLog()
    sort(pool, MemoryFolder(FILES), log, "copy")
    others = {
        "other labels": {"label_options": LabelOptions(vocabulary_from_list(["red"]))},
        "another threshold": {"label_options": replace(PLAN.label_options, confidence_threshold=0.5)},
        "another --out": {"out": Path("/elsewhere")},
    }
    for what, change in others.items():
        with pytest.raises(InvalidRequest, match=what):
            sort(pool, MemoryFolder(FILES), log, "copy", **change)
    elsewhere = replace(PLAN, folder=Path("/elsewhere"), action="copy")
    with pytest.raises(InvalidRequest, match="another folder"):
        Categorizer(batch_labeller(pool), MemoryFolder(FILES), log).run(elsewhere, Progress())
    with pytest.raises(InvalidRequest, match="another action"):
        sort(pool, MemoryFolder(FILES), log, "move")


def test_other_examples_of_the_same_labels_are_another_run(pool: ThreadWorkerPool) -> None:
    log = MemoryLog()
    first, second = (
        LabelOptions(Vocabulary(f"v@{version}", (Label("red", examples=(digest,)), Label("green"))))
        for version, digest in ((1, "a"), (2, "b"))
    )
    sort(pool, MemoryFolder(FILES), log, "copy", label_options=first)
    sort(pool, MemoryFolder(FILES), log, "copy", label_options=first)
    with pytest.raises(InvalidRequest, match="other labels"):
        sort(pool, MemoryFolder(FILES), log, "copy", label_options=second)


def test_a_damaged_log_is_refused(pool: ThreadWorkerPool) -> None:
    log = MemoryLog()
    log.kept = ['{"run": {}}', json.dumps({"file": ["a"]})]
    with pytest.raises(StorageUnavailable, match="journal, line 2"):
        sort(pool, MemoryFolder(FILES), log, "copy")


def test_what_fails_for_one_photograph_stops_no_other(pool: ThreadWorkerPool) -> None:
    folder, log = MemoryFolder(FILES), MemoryLog()
    folder.failing = {
        "3.jpg": PermissionError(errno.EACCES, "Permission denied"),
        "green/2.jpg": PermissionError(errno.EPERM, "Operation not permitted"),
    }
    result = sort(pool, folder, log, "move")
    assert result.problems == (
        FileProblem("2.jpg", "could not move it: Operation not permitted"),
        FileProblem("3.jpg", "could not be read: Permission denied"),
    )
    assert set(folder.files) == {"2.jpg", "3.jpg"}
    folder.failing.clear()
    assert sort(pool, folder, log, "move").problems == ()
    assert (folder.out, folder.files) == (PLACES, {})


def test_a_full_disk_ends_the_run(pool: ThreadWorkerPool) -> None:
    folder, log = MemoryFolder(FILES), MemoryLog()
    folder.failing = {"green/2.jpg": OSError(errno.ENOSPC, "No space left on device")}
    with pytest.raises(StorageUnavailable, match=r"No space left on device\. Run the same command again"):
        sort(pool, folder, log, "copy")
    folder.failing.clear()
    sort(pool, folder, log, "copy")
    assert folder.out == PLACES


def test_a_file_that_came_back_is_moved_again(pool: ThreadWorkerPool) -> None:
    folder, log = MemoryFolder({"a.jpg": b"red"}), MemoryLog()
    sort(pool, folder, log, "move")
    folder.files["a.jpg"] = b"red"
    sort(pool, folder, log, "move")
    assert (folder.files, folder.out) == ({}, {"red/a.jpg": b"red", "red/a (2).jpg": b"red"})


def test_an_empty_folder(pool: ThreadWorkerPool) -> None:
    result = sort(pool, MemoryFolder({}), MemoryLog(), "copy")
    assert (result.sorted_files, result.problems) == ((), ())


def test_progress_counts_what_was_done_before(pool: ThreadWorkerPool) -> None:
    folder, log, heard = MemoryFolder(FILES), MemoryLog(), []
    sort(pool, folder, log, "copy")
    folder.files["new.jpg"] = b"red"
    progress = Progress(lambda _stage, done, total, _message: heard.append((done, total)))
    Categorizer(batch_labeller(pool), folder, log).run(replace(PLAN, action="copy"), progress)
    assert heard == [(7, 7)]
