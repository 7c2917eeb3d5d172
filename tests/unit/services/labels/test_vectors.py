"""Texts and examples are encoded once: the process keeps them in memory, the next one finds them on disk."""

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from adapters.memory_cache import ByteBudgetCache
from adapters.sqlite.text_vectors import SqliteTextVectorStore
from adapters.sqlite.vocabularies import SqliteVocabularyStore
from domain.arrays import Floats
from domain.errors import NotFound
from domain.labels import Label, Vocabulary
from domain.models import ModelInfo, TextPrompting
from services.labels.confidence import label_probabilities
from services.labels.encode import ImageVectors
from services.labels.examples import ExampleVectors
from services.labels.vectors import VocabularyEncoder
from services.progress import ignore
from services.teaching.example_images import image_digest
from tests.conftest import png_bytes
from tests.fakes import ColorEncoder

COLORS = Vocabulary.of("custom", [Label("red"), Label("green", ("green", "red"))])


class TwoTemplates(ColorEncoder):
    """Averages two."""

    prompting = TextPrompting(templates=("{}", "a blue {}"), view="crop", batch_size=10)


def fresh(path: Path) -> VocabularyEncoder:
    """As a new process would have it."""
    return VocabularyEncoder(ByteBudgetCache(1_000_000), store=SqliteTextVectorStore(path, 1_000_000))


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
    vectors = VocabularyEncoder(ByteBudgetCache(1_000_000)).of(COLORS, TwoTemplates()).vectors
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1], abs=1e-6)
    assert vectors[0, 0] > vectors[0, 2] > 0.1


def test_a_label_is_as_near_as_its_nearest_text() -> None:
    labels = Vocabulary.of("custom", [Label("warm", ("red",), ("blue",)), Label("green")])
    vectors = VocabularyEncoder(ByteBudgetCache(1_000_000)).of(labels, ColorEncoder())
    images = ColorEncoder().encode_images([np.full((2, 2, 3), (0, 0, 255), np.uint8)])
    similarities = vectors.similarities(images)
    assert similarities.shape == (1, 2)
    assert similarities[0, 0] == pytest.approx(1.0, abs=1e-4)


def test_a_translated_word_is_read_in_english() -> None:
    encoder = ColorEncoder()
    label = Label("rot", aliases=("rosso", "crimson"), readings=(("rot", "red"), ("rosso", "pink")))
    VocabularyEncoder(ByteBudgetCache(1_000_000)).of(Vocabulary.of("custom", [label]), encoder)
    assert encoder.texts == ["red", "pink", "crimson"]


def picture(*color: int) -> bytes:
    return png_bytes(np.full((16, 16, 3), color, np.uint8))


BLUE, GREY = picture(0, 20, 250), picture(90, 90, 90)
FILES = {image_digest(file): file for file in (BLUE, GREY)}


@pytest.fixture
def store(tmp_path: Path) -> SqliteVocabularyStore:
    kept = SqliteVocabularyStore(tmp_path / "vocabularies.sqlite", 1_000_000)
    kept.put("keeps", [Label("all", examples=tuple(FILES))], FILES)
    return kept


def taught(*files: bytes) -> Vocabulary:
    return Vocabulary("v", (Label("zyx", examples=tuple(map(image_digest, files))), Label("red")))


def test_other_examples_are_never_answered_from_the_cache(store: SqliteVocabularyStore) -> None:
    texts, encoder = (
        VocabularyEncoder(ByteBudgetCache(1_000_000), examples=ExampleVectors(store)),
        ColorEncoder(),
    )
    image_vectors = ImageVectors.of(
        encoder.encode_images([np.full((8, 8, 3), (0, 20, 250), np.uint8)]), encoder
    )
    words, blue, grey = (
        label_probabilities(image_vectors, encoder, texts, taught(*files)) for files in ((), (BLUE,), (GREY,))
    )
    assert blue[0, 0] > 0.8 > grey[0, 0] > words[0, 0]
    assert (label_probabilities(image_vectors, encoder, texts, taught(BLUE)) == blue).all()
    plain = VocabularyEncoder(ByteBudgetCache(1_000_000))
    assert (label_probabilities(image_vectors, encoder, plain, taught()) == words).all()


def test_examples_are_encoded_once_for_each_model(store: SqliteVocabularyStore) -> None:
    encoder, newer = ColorEncoder(), ColorEncoder()
    newer.info = ModelInfo("newer", "8" * 64)
    for labeller in (encoder, encoder, newer):
        fresh = VocabularyEncoder(ByteBudgetCache(1_000_000), examples=ExampleVectors(store))
        assert fresh.of(taught(BLUE, GREY), labeller).head is not None
    assert (encoder.batches, newer.batches) == ([2], [2])


def test_examples_that_are_gone(store: SqliteVocabularyStore) -> None:
    store.remove("keeps")
    texts = VocabularyEncoder(ByteBudgetCache(1_000_000), examples=ExampleVectors(store))
    with pytest.raises(NotFound, match="deleted meanwhile"):
        texts.of(taught(BLUE), ColorEncoder())


class CountsFits(ColorEncoder):
    """Counts how often a head is fitted."""

    fits = 0

    def reject_similarities(self, images: Floats) -> Floats:
        self.fits += 1
        return super().reject_similarities(images)


def test_texts_do_not_push_heads_out(store: SqliteVocabularyStore) -> None:
    encoder, memory = CountsFits(), ByteBudgetCache(1_000_000)
    texts = VocabularyEncoder(ByteBudgetCache(0), examples=ExampleVectors(store), few_shot_heads=memory)
    first, second = texts.of(taught(BLUE), encoder), texts.of(taught(BLUE), encoder)
    assert first.head is second.head
    texts.of(taught(GREY), encoder)
    texts.of(taught(BLUE), encoder)
    assert encoder.fits == 2
    assert memory.misses == 2


def test_whoever_waits_for_another_thread_can_give_up() -> None:
    class Waits(ColorEncoder):
        """Blocks until the test lets it end."""

        begun, ended = threading.Event(), threading.Event()

        def encode_texts(self, texts: Sequence[str]) -> Floats:
            self.begun.set()
            assert self.ended.wait(60)
            return super().encode_texts(texts)

    def give_up() -> None:
        raise NotFound("not wanted any more")

    texts, encoder = VocabularyEncoder(ByteBudgetCache(1_000_000)), Waits()
    thread = threading.Thread(target=texts.of, args=(COLORS, encoder))
    thread.start()
    try:
        assert encoder.begun.wait(60)
        with pytest.raises(NotFound, match="not wanted"):
            texts.of(COLORS, encoder, give_up)
    finally:
        encoder.ended.set()
        thread.join()


def test_examples_that_are_not_kept_yet(tmp_path: Path) -> None:
    store = SqliteVocabularyStore(tmp_path / "none.sqlite", 1_000_000)
    examples, encoder = ExampleVectors(store), ColorEncoder()
    example_vectors = examples.encode(FILES, encoder, ignore)
    assert (
        VocabularyEncoder(ByteBudgetCache(0), examples=examples)
        .of(taught(BLUE), encoder, example_vectors=example_vectors)
        .head
    )
    store.put("keeps", [Label("all", examples=tuple(FILES))], FILES)
    examples.keep(example_vectors, encoder)
    assert examples.encode(FILES, encoder, ignore).keys() == example_vectors.keys()
    assert encoder.batches == [2]


def test_that_vectors_of_examples_cannot_be_kept_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "v.sqlite").mkdir()
    store = SqliteVocabularyStore(tmp_path / "v.sqlite", 1_000_000)
    ExampleVectors(store).keep({"a": np.ones(3, np.float32)}, ColorEncoder())
