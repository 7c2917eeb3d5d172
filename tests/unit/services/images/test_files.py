"""One table says which files are images, and every path can be shown."""

import json
import os
from pathlib import Path

import pytest

from services.images.files import (
    describe_passed_over,
    display_path,
    is_image_name,
    list_folder,
    utf8_path,
)
from services.images.formats import IMAGE_SUFFIXES


@pytest.mark.parametrize("suffix", sorted(IMAGE_SUFFIXES))
def test_suffixes_count_in_any_case_and_not_alone(suffix: str) -> None:
    for written in (suffix, suffix.upper(), suffix.title()):
        assert is_image_name(f"a.b{written}")
        assert not is_image_name(written)
        assert not is_image_name(f"._a{written}")
        assert not is_image_name(f"a{written}.txt")
        assert not is_image_name(f"a{written}~")


NAMES = [
    (b"plain.jpg", "plain.jpg", "plain.jpg"),
    ("café 猫.jpg".encode(), "café 猫.jpg", "café 猫.jpg"),
    (b"caf\xe9.jpg", "caf\\xe9.jpg", "caf\\xe9.jpg"),
    (b"\xff\xfe", "\\xff\\xfe", "\\xff\\xfe"),
    (b"\xed\xa0\x80", "\\xed\\xa0\\x80", "\\xed\\xa0\\x80"),
    (b"a\nb\x1b", "a\nb\x1b", "a\\nb\\x1b"),
    ("a b".encode(), "a b", "a\\u2028b"),
]


@pytest.mark.parametrize(("raw", "utf8", "shown"), NAMES)
def test_a_path_is_unicode_and_on_one_line(raw: bytes, utf8: str, shown: str) -> None:
    path = Path(os.fsdecode(raw))
    assert utf8_path(path) == utf8_path(str(path)) == utf8
    assert display_path(path) == shown
    assert json.loads(json.dumps(utf8_path(path), ensure_ascii=False).encode()) == utf8


def test_counts_are_told_the_largest_first() -> None:
    counts = {".txt": 10, ".cr2": 2, "hidden": 2}
    assert describe_passed_over(counts) == "14 files were passed over: .txt 10, .cr2 2, hidden 2"
    assert describe_passed_over({"no suffix": 1}) == "1 file was passed over: no suffix 1"


def test_kinds_of_other_files(tmp_path: Path) -> None:
    for name in ("a.CR2", "b.cr2", "README", "long.somethingverylong", "c.", ".env", "x.j pg"):
        (tmp_path / name).touch()
    assert list_folder(tmp_path).passed_over == {".cr2": 2, "no suffix": 3, "hidden": 1, ".j pg": 1}
