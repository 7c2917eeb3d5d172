"""Tests of services/vocabularies/parse.py."""

from pathlib import Path

import pytest

from domain.errors import InvalidRequest
from services.vocabularies.parse import parse_label_line, parse_vocabulary_file, vocabulary_from_list


def test_a_line_has_a_name_prompts_and_aliases() -> None:
    label = parse_label_line("mouse | computer mouse; PC mouse | Maus; souris")
    assert (label.name, label.prompts, label.aliases) == (
        "mouse",
        ("computer mouse", "PC mouse"),
        ("Maus", "souris"),
    )
    assert label.texts == ("computer mouse", "PC mouse", "Maus", "souris")
    assert parse_label_line("cat").texts == ("cat",)
    assert parse_label_line("cat | | Katze").texts == ("cat", "Katze")


@pytest.mark.parametrize("line", ["| prompt", " ", "a | b | c | d"])
def test_other_lines_are_refused(line: str) -> None:
    with pytest.raises(ValueError, match="expected `name"):
        parse_label_line(line)


def test_a_file_has_each_label_once(tmp_path: Path) -> None:
    path = tmp_path / "pets.txt"
    path.write_text("\ufeff# pets\n\ncat\ndog | a dog\n", encoding="utf-8")
    vocabulary = parse_vocabulary_file(path)
    assert vocabulary.name == "pets"
    assert vocabulary.names == ("cat", "dog")
    path.write_text("cat\n\nCAT | another\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"pets\.txt, line 3: expected each label once, got 'CAT'"):
        parse_vocabulary_file(path)


def test_a_broken_file_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "pets.txt"
    path.write_text("cat\n|\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"pets\.txt, line 2"):
        parse_vocabulary_file(path)


def test_lists_are_checked() -> None:
    assert vocabulary_from_list(["b", " a ", "b"]).names == ("b", "a")
    for names in ([], ["x"] * 1001, [""], ["x" * 201], ["unknown"]):
        with pytest.raises(InvalidRequest, match="labels: "):
            vocabulary_from_list(names)
