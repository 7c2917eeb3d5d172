"""A text is encoded once: for the process in memory, for the next one on disk."""

from pathlib import Path

import numpy as np
import pytest

from adapters.memory_cache import ByteBudgetCache
from adapters.vector_store import SqliteVectorStore
from domain.types import Label, ModelInfo, TextPrompting, Vocabulary
from services.text_vectors import TextVectors
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
