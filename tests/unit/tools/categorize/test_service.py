"""Sorting: what goes where, and that a run which died anywhere is gone on with as if it had not."""

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
from tests.unit.tools.categorize.fakes import Killed, MemoryFolder, MemoryNotes, Mortal, namer
from tools.categorize.service import Categorizer
from tools.categorize.types import FileAction, FileProblem, SortPlan, SortResult

ORDER = SortPlan(
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
    notes: MemoryNotes,
    deed: FileAction | None,
    **changes: object,
) -> SortResult:
    order = replace(ORDER, deed=deed, **changes)  # type: ignore[arg-type]
    return Categorizer(namer(pool), folder, notes).run(order, Progress())


@pytest.mark.parametrize("deed", ["copy", "move", "link"])
def test_each_photograph_goes_to_its_name(pool: ThreadWorkerPool, deed: FileAction) -> None:
    folder = MemoryFolder(FILES)
    outcome = sort(pool, folder, MemoryNotes(), deed)
    assert folder.out == PLACES
    assert folder.files == ({} if deed == "move" else FILES)
    assert outcome.counts == {"red": 3, "green": 1, "unknown": 2}
    assert [found.target for found in outcome.photographs] == list(PLACES)
    assert outcome.ignored == 2


def test_a_dry_run_says_the_same_and_does_nothing(pool: ThreadWorkerPool) -> None:
    folder = MemoryFolder(FILES)
    outcome = sort(pool, folder, MemoryNotes(), None)
    assert (folder.files, folder.out) == (FILES, {})
    assert outcome.counts == {"red": 3, "green": 1, "unknown": 2}
    assert {found.target for found in outcome.photographs} == {None}


def test_flat_leaves_folders_inside_alone(pool: ThreadWorkerPool) -> None:
    assert len(sort(pool, MemoryFolder(FILES), MemoryNotes(), None, recursive=False).photographs) == 3


def test_a_threshold(pool: ThreadWorkerPool) -> None:
    naming = replace(ORDER.naming, confidence_threshold=1.0)
    outcome = sort(pool, MemoryFolder(FILES), MemoryNotes(), None, naming=naming)
    assert outcome.counts == {"red": 0, "green": 0, "unknown": 6}


@pytest.mark.parametrize("deed", ["copy", "move"])
def test_a_run_that_dies_anywhere_is_gone_on_with(pool: ThreadWorkerPool, deed: FileAction) -> None:
    whole_folder, whole_notes = MemoryFolder(FILES), MemoryNotes()
    whole = sort(pool, whole_folder, whole_notes, deed)
    for steps in range(1_000):
        life = Mortal(steps)
        folder, notes = MemoryFolder(FILES, life), MemoryNotes(life)
        try:
            sort(pool, folder, notes, deed)
        except Killed:
            life.steps = None
            assert sort(pool, folder, notes, deed) == whole, steps
        assert folder.out == PLACES, steps
        assert folder.files == whole_folder.files, steps
        assert notes.thumbnails == whole_notes.thumbnails, steps
        if life.steps is not None:  # it lived to the end
            break
    assert steps > 50


def test_many_deaths(pool: ThreadWorkerPool) -> None:
    life = Mortal()
    folder, notes = MemoryFolder(FILES, life), MemoryNotes(life)
    for _ in range(100):
        life.steps = 7
        try:
            sort(pool, folder, notes, "move")
        except Killed:
            continue
        break
    assert (folder.out, folder.files) == (PLACES, {})


def test_nothing_is_looked_at_twice(pool: ThreadWorkerPool) -> None:
    folder, notes = MemoryFolder(FILES), MemoryNotes()
    sort(pool, folder, notes, None)
    folder.read_paths.clear()
    outcome = sort(pool, folder, notes, "copy")
    assert folder.out == PLACES
    assert folder.read_paths == []
    lines = len(notes.kept)
    assert sort(pool, folder, notes, "copy") == outcome
    assert (folder.out, len(notes.kept)) == (PLACES, lines)
    folder.files["new.jpg"] = b"green"
    sort(pool, folder, notes, "copy")
    assert folder.read_paths == ["new.jpg"]
    assert folder.out == {**PLACES, "green/new.jpg": b"green"}


def test_notes_of_another_sorting_are_refused(pool: ThreadWorkerPool) -> None:
    notes = MemoryNotes()
    sort(pool, MemoryFolder(FILES), notes, "copy")
    others = {
        "other names": {"naming": LabelOptions(vocabulary_from_list(["red"]))},
        "another threshold": {"naming": replace(ORDER.naming, confidence_threshold=0.5)},
        "another --out": {"out": Path("/elsewhere")},
    }
    for what, change in others.items():
        with pytest.raises(InvalidRequest, match=what):
            sort(pool, MemoryFolder(FILES), notes, "copy", **change)
    elsewhere = replace(ORDER, folder=Path("/elsewhere"), deed="copy")
    with pytest.raises(InvalidRequest, match="another folder"):
        Categorizer(namer(pool), MemoryFolder(FILES), notes).run(elsewhere, Progress())
    with pytest.raises(InvalidRequest, match="something else to do"):
        sort(pool, MemoryFolder(FILES), notes, "move")


def test_other_examples_of_the_same_names_are_another_run(pool: ThreadWorkerPool) -> None:
    notes = MemoryNotes()
    first, second = (
        LabelOptions(Vocabulary(f"v@{version}", (Label("red", examples=(digest,)), Label("green"))))
        for version, digest in ((1, "a"), (2, "b"))
    )
    sort(pool, MemoryFolder(FILES), notes, "copy", naming=first)
    sort(pool, MemoryFolder(FILES), notes, "copy", naming=first)
    with pytest.raises(InvalidRequest, match="other names"):
        sort(pool, MemoryFolder(FILES), notes, "copy", naming=second)


def test_damaged_notes_are_told(pool: ThreadWorkerPool) -> None:
    notes = MemoryNotes()
    notes.kept = ['{"run": {}}', json.dumps({"file": ["a"]})]
    with pytest.raises(StorageUnavailable, match="journal, line 2"):
        sort(pool, MemoryFolder(FILES), notes, "copy")


def test_what_fails_for_one_photograph_stops_no_other(pool: ThreadWorkerPool) -> None:
    folder, notes = MemoryFolder(FILES), MemoryNotes()
    folder.failing = {
        "3.jpg": PermissionError(errno.EACCES, "Permission denied"),
        "green/2.jpg": PermissionError(errno.EPERM, "Operation not permitted"),
    }
    outcome = sort(pool, folder, notes, "move")
    assert outcome.problems == (
        FileProblem("2.jpg", "could not move it: Operation not permitted"),
        FileProblem("3.jpg", "could not be read: Permission denied"),
    )
    assert set(folder.files) == {"2.jpg", "3.jpg"}
    folder.failing.clear()
    assert sort(pool, folder, notes, "move").problems == ()
    assert (folder.out, folder.files) == (PLACES, {})


def test_a_full_disk_ends_the_run(pool: ThreadWorkerPool) -> None:
    folder, notes = MemoryFolder(FILES), MemoryNotes()
    folder.failing = {"green/2.jpg": OSError(errno.ENOSPC, "No space left on device")}
    with pytest.raises(StorageUnavailable, match="No space left on device; the same command goes on"):
        sort(pool, folder, notes, "copy")
    folder.failing.clear()
    sort(pool, folder, notes, "copy")
    assert folder.out == PLACES


def test_a_file_that_came_back_is_moved_again(pool: ThreadWorkerPool) -> None:
    folder, notes = MemoryFolder({"a.jpg": b"red"}), MemoryNotes()
    sort(pool, folder, notes, "move")
    folder.files["a.jpg"] = b"red"
    sort(pool, folder, notes, "move")
    assert (folder.files, folder.out) == ({}, {"red/a.jpg": b"red", "red/a (2).jpg": b"red"})


def test_an_empty_folder(pool: ThreadWorkerPool) -> None:
    outcome = sort(pool, MemoryFolder({}), MemoryNotes(), "copy")
    assert (outcome.photographs, outcome.problems) == ((), ())


def test_progress_counts_what_was_done_before(pool: ThreadWorkerPool) -> None:
    folder, notes, heard = MemoryFolder(FILES), MemoryNotes(), []
    sort(pool, folder, notes, "copy")
    folder.files["new.jpg"] = b"red"
    progress = Progress(lambda _stage, done, total, _message: heard.append((done, total)))
    Categorizer(namer(pool), folder, notes).run(replace(ORDER, deed="copy"), progress)
    assert heard == [(7, 7)]
