"""A text is encoded once: for the process in memory, for the next one on disk."""

from pathlib import Path

import numpy as np
import pytest

from adapters.memory_cache import ByteBudgetCache
from adapters.sqlite_vocabularies import SqliteVocabularies
from adapters.vector_store import SqliteVectorStore
from domain.errors import NotFound
from domain.types import Label, ModelInfo, TextPrompting, Vocabulary
from services.naming import Looks, shares
from services.teaching.pictures import digest_of
from services.teaching.vectors import ExampleVectors
from services.text_vectors import TextVectors
from tests.conftest import png_bytes
from tests.fakes import ColorEncoder

COLORS = Vocabulary.of("custom", [Label("red"), Label("green", ("green", "red"))])


class TwoTemplates(ColorEncoder):
    """Averages two."""

    prompting = TextPrompting(templates=("{}", "a blue {}"), view="crop", batch_size=10)


def fresh(path: Path) -> TextVectors:
    """As a new process would have it."""
    return TextVectors(ByteBudgetCache(1_000_000), SqliteVectorStore(path, 1_000_000))


def test_the_next_process_encodes_nothing(tmp_path: Path) -> None:
    first, second = TwoTemplates(), TwoTemplates()
    encoded = fresh(tmp_path / "v.sqlite").of(COLORS, first)
    found = fresh(tmp_path / "v.sqlite").of(COLORS, second)
    assert first.texts == ["red", "green", "a blue red", "a blue green"]
    assert second.texts == []
    np.testing.assert_array_equal(found.vectors, encoded.vectors)
    np.testing.assert_array_equal(found.owner, [0, 1, 1])


def test_only_new_names_are_encoded(tmp_path: Path) -> None:
    encoder = ColorEncoder()
    texts = fresh(tmp_path / "v.sqlite")
    texts.of(COLORS, encoder)
    texts.of(Vocabulary.of("custom", [Label("blue"), Label("red")]), encoder)
    assert encoder.texts == ["red", "green", "blue"]


def test_another_model_is_not_answered_from_it(tmp_path: Path) -> None:
    fresh(tmp_path / "v.sqlite").of(COLORS, ColorEncoder())
    other = ColorEncoder()
    other.info = ModelInfo("other", "7" * 64)
    fresh(tmp_path / "v.sqlite").of(COLORS, other)
    assert other.texts == ["red", "green"]


def test_templates_are_averaged_to_unit_vectors() -> None:
    vectors = TextVectors(ByteBudgetCache(1_000_000)).of(COLORS, TwoTemplates()).vectors
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1], abs=1e-6)
    assert vectors[0, 0] > vectors[0, 2] > 0.1


class AnyLanguage(ColorEncoder):
    """Says of itself that it knows every language."""

    prompting = TextPrompting(("{}",), "crop", 10, multilingual=True)


@pytest.mark.parametrize(("encoder", "read"), [(ColorEncoder(), ["red"]), (AnyLanguage(), ["rot"])])
def test_a_translated_word_is_read_as_sent_by_a_multilingual_tower(
    encoder: ColorEncoder, read: list[str]
) -> None:
    translated = Vocabulary.of("custom", [Label("rot", ("red",), sent="rot")])
    TextVectors(ByteBudgetCache(1_000_000)).of(translated, encoder)
    assert encoder.texts == read


def picture(*color: int) -> bytes:
    return png_bytes(np.full((16, 16, 3), color, np.uint8))


BLUE, GREY = picture(0, 20, 250), picture(90, 90, 90)
FILES = {digest_of(file): file for file in (BLUE, GREY)}


@pytest.fixture
def store(tmp_path: Path) -> SqliteVocabularies:
    kept = SqliteVocabularies(tmp_path / "vocabularies.sqlite", 1_000_000)
    kept.put("keeps", [Label("all", examples=tuple(FILES))], FILES)
    return kept


def taught(*files: bytes) -> Vocabulary:
    return Vocabulary("v", (Label("zyx", examples=tuple(map(digest_of, files))), Label("red")))


def test_other_examples_are_never_answered_from_the_cache(store: SqliteVocabularies) -> None:
    texts, encoder = TextVectors(ByteBudgetCache(1_000_000), examples=ExampleVectors(store)), ColorEncoder()
    looks = Looks.of(encoder.encode_images([np.full((8, 8, 3), (0, 20, 250), np.uint8)]), encoder)
    words, blue, grey = (shares(looks, encoder, texts, taught(*files)) for files in ((), (BLUE,), (GREY,)))
    assert blue[0, 0] > 0.8 > grey[0, 0] > words[0, 0]
    assert (shares(looks, encoder, texts, taught(BLUE)) == blue).all()
    plain = TextVectors(ByteBudgetCache(1_000_000))
    assert (shares(looks, encoder, plain, taught()) == words).all()


def test_examples_are_encoded_once_for_each_model(store: SqliteVocabularies) -> None:
    encoder, newer = ColorEncoder(), ColorEncoder()
    newer.info = ModelInfo("newer", "8" * 64)
    for labeller in (encoder, encoder, newer):
        fresh = TextVectors(ByteBudgetCache(1_000_000), examples=ExampleVectors(store))
        assert fresh.of(taught(BLUE, GREY), labeller).head is not None
    assert (encoder.batches, newer.batches) == ([2], [2])


def test_examples_that_are_gone(store: SqliteVocabularies) -> None:
    store.remove("keeps")
    texts = TextVectors(ByteBudgetCache(1_000_000), examples=ExampleVectors(store))
    with pytest.raises(NotFound, match="deleted meanwhile"):
        texts.of(taught(BLUE), ColorEncoder())
