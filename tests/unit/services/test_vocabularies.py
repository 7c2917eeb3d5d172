"""Vocabulary files and the lists of callers."""

from pathlib import Path

import pytest

from domain.errors import InvalidRequest, UnknownVocabulary
from services.vocabularies import Vocabularies
from services.vocabulary_lists import from_list, parse_file, parse_label


def test_a_line_has_a_name_prompts_and_aliases() -> None:
    label = parse_label("mouse | computer mouse; PC mouse | Maus; souris")
    assert (label.name, label.prompts, label.aliases) == (
        "mouse",
        ("computer mouse", "PC mouse"),
        ("Maus", "souris"),
    )
    assert label.texts == ("computer mouse", "PC mouse", "Maus", "souris")
    assert parse_label("cat").texts == ("cat",)
    assert parse_label("cat | | Katze").texts == ("cat", "Katze")


@pytest.mark.parametrize("line", ["| prompt", " ", "a | b | c | d"])
def test_other_lines_are_refused(line: str) -> None:
    with pytest.raises(ValueError, match="expected `name"):
        parse_label(line)


def test_a_file_keeps_the_first_of_each_name(tmp_path: Path) -> None:
    path = tmp_path / "pets.txt"
    path.write_text("# pets\n\ncat\ndog | a dog\ncat | another\n", encoding="utf-8")
    vocabulary = parse_file(path)
    assert vocabulary.name == "pets"
    assert vocabulary.names == ("cat", "dog")


def test_a_broken_file_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "pets.txt"
    path.write_text("cat\n|\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"pets\.txt, line 2"):
        parse_file(path)


def test_lists_are_checked() -> None:
    assert from_list(["b", " a ", "b"]).names == ("b", "a")
    for names in ([], ["x"] * 1001, [""], ["x" * 201], ["unknown"]):
        with pytest.raises(InvalidRequest, match="labels: "):
            from_list(names)


def test_which_vocabulary_a_request_gets(tmp_path: Path) -> None:
    (tmp_path / "default.txt").write_text("cat\n", encoding="utf-8")
    (tmp_path / "street.txt").write_text("car\n", encoding="utf-8")
    vocabularies = Vocabularies(tmp_path, "default")
    assert vocabularies.names == ["default", "street"]
    assert vocabularies.resolve(None, None).names == ("cat",)
    assert vocabularies.resolve(None, "street").names == ("car",)
    assert vocabularies.resolve(["x"], None).names == ("x",)
    with pytest.raises(InvalidRequest, match="both"):
        vocabularies.resolve(["x"], "street")
    with pytest.raises(UnknownVocabulary, match="default, street"):
        vocabularies.resolve(None, "pets")
    with pytest.raises(ValueError, match="expected a vocabulary 'other'"):
        Vocabularies(tmp_path, "other")
