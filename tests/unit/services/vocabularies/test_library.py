"""Tests of services/vocabularies/library.py."""

from pathlib import Path

import pytest

from adapters.sqlite.vocabularies import SqliteVocabularyStore
from domain.errors import InvalidRequest, UnknownVocabulary
from domain.labels import Label, MergedLabel
from services.vocabularies.library import Vocabularies, split_version


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


@pytest.fixture
def taught(tmp_path: Path) -> SqliteVocabularyStore:
    return SqliteVocabularyStore(tmp_path / "vocabularies.sqlite", 1_000_000)


@pytest.fixture
def both(tmp_path: Path, taught: SqliteVocabularyStore) -> Vocabularies:
    """One of a file, and what `taught` has."""
    (tmp_path / "default.txt").write_text("cat\n", encoding="utf-8")
    (tmp_path / "languages").mkdir()
    (tmp_path / "languages" / "de.txt").write_text("cat | Katze\n", encoding="utf-8")
    return Vocabularies(tmp_path, "default", taught)


def test_taught_ones_are_found_behind_those_of_files(
    both: Vocabularies, taught: SqliteVocabularyStore
) -> None:
    taught.put("default", [Label("mine")], {})
    taught.put("pets", [Label("dog")], {})
    assert both.resolve(None, "default").names == ("cat",)
    assert both.names == ["default", "pets"]
    assert both.built_in == ["default"]
    taught.put("pets", [Label("dog"), Label("puss")], {})
    assert (both.get("pets").name, both.get("pets").names) == ("pets@2", ("dog", "puss"))
    assert both.get("pets@1").names == ("dog",)
    for wrong in ("pets@3", "pets@", "pets@one", "@1", "default@1@1"):
        with pytest.raises(UnknownVocabulary, match="default, pets"):
            both.get(wrong)


def test_other_languages_keep_examples(both: Vocabularies, taught: SqliteVocabularyStore) -> None:
    taught.put("pets", [Label("Katze", examples=("a",))], {"a": b"file"}, "de")
    (label,) = both.get("pets").labels
    assert (label.name, label.texts, label.examples) == ("Katze", ("cat",), ("a",))
    (english,) = both.resolve(None, "pets", "en").labels
    assert (english.name, english.texts, english.examples) == ("cat", ("cat",), ("a",))


def test_labels_that_were_taught_before_they_were_equal_are_one(
    both: Vocabularies, taught: SqliteVocabularyStore
) -> None:
    taught.put("pets", [Label("Dog", examples=("a",)), Label("dog", aliases=("hound",))], {"a": b"file"})
    found = both.get("pets")
    assert found.labels == (Label("Dog", (), ("hound",), ("a",)),)
    assert found.merged == (MergedLabel("Dog", ("dog",)),)


def test_versions_in_names() -> None:
    assert split_version("pets@12") == ("pets", 12)
    for plain in ("pets", "pets@", "pets@x", "pets@1@2", "pets@1234567890"):
        assert split_version(plain) == (plain, None)
