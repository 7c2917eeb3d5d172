"""Tests of the store of indexed files."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.sqlite.indexed_files import SqliteIndexedFileStore
from domain.index import IndexedFile

CAT = IndexedFile("/photos/a/猫 'x'.jpg", 10, 20, "c" * 32, True)
DOG = IndexedFile("/photos/dog.jpg", 1, 2, "d" * 32, False)


@pytest.fixture
def files(tmp_path: Path) -> SqliteIndexedFileStore:
    kept = SqliteIndexedFileStore(tmp_path / "data" / "files.sqlite")
    kept.claim(CAT)
    kept.claim(DOG)
    return kept


@pytest.mark.usefixtures("files")
def test_what_is_remembered_outlives_the_object(tmp_path: Path) -> None:
    again = SqliteIndexedFileStore(tmp_path / "data" / "files.sqlite")
    assert (again.get(CAT.path), again.get(DOG.path), again.get("/photos")) == (CAT, DOG, None)
    assert again.paths([DOG.file_id, "e" * 32, CAT.file_id]) == {
        DOG.file_id: DOG.path,
        CAT.file_id: CAT.path,
    }


def test_a_path_is_one_file(files: SqliteIndexedFileStore) -> None:
    other = replace(CAT, size=11, file_id="f" * 32, regions=False)
    assert files.claim(other) == files.get(CAT.path) == replace(CAT, regions=False)
    assert not files.update(other)
    files.remove(other)
    changed = replace(CAT, size=12, mtime_ns=13)
    assert files.update(changed)
    assert files.get(CAT.path) == changed
    files.remove(CAT)
    files.remove(CAT)
    assert files.get(CAT.path) is None
    assert not files.update(CAT)
    assert files.claim(other) == files.get(CAT.path) == other


def test_of_those_who_claim_a_path_at_once_one_gets_it(files: SqliteIndexedFileStore, tmp_path: Path) -> None:
    views = [files, SqliteIndexedFileStore(tmp_path / "data" / "files.sqlite")] * 8
    entries = [replace(DOG, path="/new.jpg", file_id=f"{number:032}") for number in range(len(views))]
    with ThreadPoolExecutor(len(views)) as threads:
        claimed = set(threads.map(lambda view, entry: view.claim(entry), views, entries))
    assert len(claimed) == 1
    assert claimed == {files.get("/new.jpg")}


def test_a_folder_is_not_what_its_name_begins_like(files: SqliteIndexedFileStore) -> None:
    files.claim(replace(DOG, path="/photos-2/dog.jpg"))
    assert files.inside("/photos") == files.inside("/photos/") == [CAT, DOG]
    assert files.inside("/photos/a") == [CAT]
    assert files.inside("/photos/dog.jpg") == []
    assert len(files.inside("/")) == 3


ODD = [
    b"/photos/caf\xe9.jpg",
    b"/photos/\xff/a.jpg",
    b"/photos/\xff",
    b"/photos/a\nb.jpg",
    "/photos/\u732b.jpg".encode(),
]


@pytest.mark.parametrize("raw", ODD)
def test_a_path_of_any_bytes_is_kept(tmp_path: Path, raw: bytes) -> None:
    files = SqliteIndexedFileStore(tmp_path / "files.sqlite")
    odd, near = (replace(CAT, path=os.fsdecode(path)) for path in (raw, raw + b".jpg"))
    assert files.claim(odd) == files.get(odd.path) == odd
    assert files.get(near.path) is None
    assert files.update(replace(odd, size=3))
    assert files.paths([odd.file_id]) == {odd.file_id: odd.path}
    assert files.inside("/photos") == files.inside("/") == [replace(odd, size=3)]
    folder, _, _ = odd.path.rpartition("/")
    assert files.inside(folder) == [replace(odd, size=3)]
    assert files.inside(odd.path) == []
    files.remove(odd)
    assert files.inside("/") == []
