"""Names and numbers of images in a data set, and what survives a killed run."""

from pathlib import Path

import pytest

from services.formats.journal import ImageJournal


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    (tmp_path / "state").mkdir()
    return tmp_path / "state" / "images.jsonl"


def photograph(folder: Path, name: str, data: bytes = b"x") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def names_of(journal: ImageJournal, *photographs: Path) -> list[str]:
    names = []
    for path in photographs:
        planned = journal.plan(path, ".jpg")
        journal.add(planned)
        names.append(planned.file_name)
    return names


def test_equal_names_are_told_apart_by_folder_and_number(tmp_path: Path, lines: Path) -> None:
    files = ["in/a.jpg", "in/sub/a.jpg", "in/a.png", "in/b/sub/A.jpg", "in/sub_a.jpg"]
    photographs = [photograph(tmp_path, name) for name in files]
    names = names_of(ImageJournal(lines), *photographs)
    assert names == ["a.jpg", "sub_a.jpg", "in_a.jpg", "A-2.jpg", "in_sub_a.jpg"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a/b?c*.jpg", "b_c_.jpg"),
        ("back\\slash:x.jpg", "back_slash_x.jpg"),
        ("line\nbreak.jpg", "line_break.jpg"),
        (" . .jpg", "image.jpg"),
        ("名前 é.jpg", "名前 é.jpg"),
        ("ü" * 124 + ".jpg", "ü" * 100 + ".jpg"),
    ],
)
def test_names_that_readers_misunderstand_are_changed(
    tmp_path: Path, lines: Path, name: str, expected: str
) -> None:
    assert names_of(ImageJournal(lines), photograph(tmp_path, name)) == [expected]


def test_a_name_that_is_no_text_is_changed(tmp_path: Path, lines: Path) -> None:
    path = photograph(tmp_path, b"caf\xe9.jpg".decode("utf-8", "surrogateescape"))
    journal = ImageJournal(lines)
    assert names_of(journal, path) == ["caf_.jpg"]
    assert ImageJournal(lines).find(path) is not None


def test_what_was_written_is_known_again_until_it_changes(tmp_path: Path, lines: Path) -> None:
    first, second = photograph(tmp_path, "a.jpg"), photograph(tmp_path, "b.jpg")
    names_of(ImageJournal(lines), first, second)
    journal = ImageJournal(lines)
    assert [image.file_name for image in journal] == ["a.jpg", "b.jpg"]
    assert journal.find(first) is not None
    photograph(tmp_path, "a.jpg", b"another picture")
    assert journal.find(first) is None
    planned = journal.plan(first, ".png")
    assert (planned.file_name, planned.image_id) == ("a.png", 1)
    replaced = journal.add(planned)
    assert replaced is not None
    assert replaced.file_name == "a.jpg"
    assert [(image.file_name, image.image_id) for image in ImageJournal(lines)] == [
        ("a.png", 1),
        ("b.jpg", 2),
    ]


def test_a_line_that_was_cut_off_is_forgotten(tmp_path: Path, lines: Path) -> None:
    photographs = [photograph(tmp_path, name) for name in ("a.jpg", "b.jpg", "c.jpg")]
    names_of(ImageJournal(lines), *photographs[:2])
    lines.write_bytes(lines.read_bytes()[:-9])
    journal = ImageJournal(lines)
    assert [image.file_name for image in journal] == ["a.jpg"]
    assert names_of(journal, *photographs[1:]) == ["b.jpg", "c.jpg"]
    assert [image.image_id for image in ImageJournal(lines)] == [1, 2, 3]
