"""The list of indexed files."""

from dataclasses import replace
from pathlib import Path

import pytest

from adapters.indexed_files import SqliteIndexedFiles
from domain.types.index import IndexedFile

CAT = IndexedFile("/photos/a/猫 'x'.jpg", 10, 20, "c" * 32, True)
DOG = IndexedFile("/photos/dog.jpg", 1, 2, "d" * 32, False)


@pytest.fixture
def files(tmp_path: Path) -> SqliteIndexedFiles:
    kept = SqliteIndexedFiles(tmp_path / "data" / "files.sqlite")
    kept.put(CAT)
    kept.put(DOG)
    return kept


@pytest.mark.usefixtures("files")
def test_what_is_remembered_outlives_the_object(tmp_path: Path) -> None:
    again = SqliteIndexedFiles(tmp_path / "data" / "files.sqlite")
    assert (again.get(CAT.path), again.get(DOG.path), again.get("/photos")) == (CAT, DOG, None)
    assert again.paths([DOG.file_id, "e" * 32, CAT.file_id]) == {
        DOG.file_id: DOG.path,
        CAT.file_id: CAT.path,
    }


def test_a_path_is_one_file(files: SqliteIndexedFiles) -> None:
    changed = replace(CAT, size=11, file_id="f" * 32)
    files.put(changed)
    assert files.get(CAT.path) == changed
    assert files.paths([CAT.file_id]) == {}
    files.remove(CAT.path)
    files.remove(CAT.path)
    assert files.get(CAT.path) is None


def test_a_folder_is_not_what_its_name_begins_like(files: SqliteIndexedFiles) -> None:
    files.put(replace(DOG, path="/photos-2/dog.jpg"))
    assert files.inside("/photos") == files.inside("/photos/") == [CAT, DOG]
    assert files.inside("/photos/a") == [CAT]
    assert files.inside("/photos/dog.jpg") == []
    assert len(files.inside("/")) == 3
