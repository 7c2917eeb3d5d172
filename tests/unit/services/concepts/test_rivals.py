"""The names that phrases compete with."""

import numpy as np
import pytest

from adapters.memory_cache import ByteBudgetCache
from domain.labels import MAX_LABELS, Label, Vocabulary
from services.concepts.rivals import STUFF_RIVALS, rivals_of, synonyms
from services.labels.vectors import VocabularyEncoder
from tests.fakes import ColorEncoder


def _synonyms(phrase: Label, *others: Label) -> list[str]:
    encoder, texts = ColorEncoder(), VocabularyEncoder(ByteBudgetCache(1_000_000))
    rivals = Vocabulary("rivals", others)
    asked = texts.of(Vocabulary("phrase", (phrase,)), encoder)
    same = synonyms(phrase, asked, rivals, texts.of(rivals, encoder), encoder.naming_dims)
    assert same.dtype == np.bool_
    return [label.name for label, is_same in zip(others, same, strict=True) if is_same]


def test_stuff_is_added_once() -> None:
    rivals = rivals_of(Vocabulary("some", (Label("dog"), Label("Sky"))))
    assert rivals.names[:2] == ("dog", "Sky")
    assert set(rivals.names[2:]) == {label.name for label in STUFF_RIVALS} - {"sky"}


@pytest.mark.parametrize(
    "sky", [Label("Himmel", readings=(("Himmel", "sky"),)), Label("Himmel", prompts=("sky",))]
)
def test_stuff_in_another_language_is_not_added_again(sky: Label) -> None:
    names = rivals_of(Vocabulary("default", (sky,))).names
    assert names == ("Himmel", *(label.name for label in STUFF_RIVALS if label.name != "sky"))


def test_a_full_vocabulary_stays_as_it_is() -> None:
    full = Vocabulary("full", tuple(Label(f"name {index}") for index in range(MAX_LABELS)))
    assert rivals_of(full).labels == full.labels


def test_names_compete_by_their_words_alone() -> None:
    taught = Vocabulary("taught", (Label("mug", examples=("0" * 64,)),))
    assert rivals_of(taught).labels[0] == Label("mug")


def test_what_has_nearly_the_same_vector_is_the_same() -> None:
    others = Label("red"), Label("green"), Label("blue")
    assert _synonyms(Label("a red thing"), *others) == ["red"]
    assert _synonyms(Label("nothing"), *others) == []


@pytest.mark.parametrize(
    "other",
    [
        Label("Mouse"),
        Label("rodent", aliases=("mouse",)),
        Label("rodent", prompts=("mouse",)),
        Label("rat", readings=(("rat", "mouse"),)),
    ],
)
def test_equal_words_are_the_same_whatever_their_vectors_are(other: Label) -> None:
    rivals = other, Label("red"), Label("green")
    assert _synonyms(Label("mouse", prompts=("red device", "green device")), *rivals)[0] == other.name
