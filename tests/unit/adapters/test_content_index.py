"""Tests of adapters/content_index.py."""

from pathlib import Path

from adapters.content_index import ContentIndex


def test_images_are_found_by_their_bytes_until_they_are_forgotten(tmp_path: Path) -> None:
    index, same = ContentIndex(tmp_path / "contents"), ContentIndex(tmp_path / "contents")
    assert not [*index.file_ids("a" * 64)]
    index.add("a" * 64, "1")
    same.add("a" * 64, "2")
    index.add("a" * 64, "1")
    index.add("a" * 63 + "b", "3")
    assert sorted(same.file_ids("a" * 64)) == ["1", "2"]
    assert [*same.file_ids("a" * 63 + "b")] == ["3"]
    for _ in range(2):
        same.remove("a" * 64, "1")
        index.remove("b" * 64, "1")
    assert [*index.file_ids("a" * 64)] == ["2"]


def test_nothing_is_made_by_reading(tmp_path: Path) -> None:
    ContentIndex(tmp_path / "contents").remove("a" * 64, "1")
    assert not [*ContentIndex(tmp_path / "contents").file_ids("a" * 64)]
    assert not [*tmp_path.iterdir()]
