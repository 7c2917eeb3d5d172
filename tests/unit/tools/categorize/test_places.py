"""Names of folders, and places that nothing else has."""

import os

import pytest

from tests.unit.tools.categorize.fakes import MemoryFolder
from tools.categorize.places import MAX_FILE_NAME_BYTES, TargetPaths, category_folder_names


@pytest.mark.parametrize(
    ("category", "folder"),
    [
        ("cat", "cat"),
        ("hot dog", "hot dog"),
        ("../../etc", "_.._etc"),
        ("a/b\\c:d", "a_b_c_d"),
        (".hidden.", "hidden"),
        ("..", "_"),
        ("con", "con_"),
        ("猫", "猫"),
        ("cafe\u0301", "café"),
        ("x" * 200, "x" * 100),
        ("猫" * 60, "猫" * 33),
    ],
)
def test_a_folder_name_that_every_file_system_takes(category: str, folder: str) -> None:
    assert category_folder_names([category]) == {category: folder}


def test_each_category_has_a_folder_of_its_own() -> None:
    names = ["Cat", "cat", "a/b", "a:b", "Unknown.", "report.csv", "unknown"]
    folders = category_folder_names(names, reserved=["report.csv"])
    assert len({folder.casefold() for folder in folders.values()}) == len(names)
    assert folders["unknown"] == "unknown"
    assert folders["report.csv"] == "report.csv (2)"


def test_a_clash_gets_a_number() -> None:
    folder = MemoryFolder({})
    places = TargetPaths(folder, {"cat": "cat"})
    for expected in ("cat/a.jpg", "cat/a (2).jpg", "cat/a (3).jpg"):
        target = next(places.free("cat", "somewhere/a.jpg"))
        assert target == expected
        folder.out[target] = b""
    folder.out["cat/b.jpg"] = b"the user's own"
    assert next(places.free("cat", "b.jpg")) == "cat/b (2).jpg"
    found = places.free("cat", "c.jpg")
    assert [next(found), next(found)] == ["cat/c.jpg", "cat/c (2).jpg"]


def test_long_names_are_cut_for_the_number() -> None:
    name = "é" * 125 + ".jpeg"
    assert len(os.fsencode(name)) == MAX_FILE_NAME_BYTES
    folder = MemoryFolder({})
    folder.out[f"cat/{name}"] = b""
    target = next(TargetPaths(folder, {"cat": "cat"}).free("cat", name))
    assert target.endswith("é (2).jpeg")
    assert len(os.fsencode(target.removeprefix("cat/"))) <= MAX_FILE_NAME_BYTES
