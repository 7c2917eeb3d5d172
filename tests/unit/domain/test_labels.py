"""Tests of domain/labels.py: when two labels are one."""

import sys
import unicodedata
from itertools import product

import pytest

from domain.labels import WHITE_SPACE, Label, MergedLabel, Vocabulary, label_key, trim

WORDS = ("cat", "café", "Straße", "Ελλάς", "ёлка", "ångström", "が", "한국", "TRAFFIC light", "ﬁsh")
FORMS = {
    "as it is": str,
    "NFC": lambda word: unicodedata.normalize("NFC", word),
    "NFD": lambda word: unicodedata.normalize("NFD", word),
    "upper": str.upper,
    "lower": str.lower,
    "folded": str.casefold,
    "upper NFD": lambda word: unicodedata.normalize("NFD", word.upper()),
}
ENDS = ("", " ", "\u00a0", "\u3000\t", "\n")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("word", WORDS)
def test_spellings_of_a_word_are_one_label(word: str, form: str) -> None:
    for before, after in product(("\ufeff", *ENDS), ENDS):
        sent = f"{before}{FORMS[form](word)}{after}"
        assert label_key(sent) == label_key(word)
        assert trim(sent) == FORMS[form](word)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cat", "cats"),
        ("cat", "a cat"),
        ("cafe", "café"),
        ("hot dog", "hotdog"),
        ("hot dog", "hot  dog"),
        ("hot dog", "hot\u00a0dog"),
        ("traffic_light", "traffic light"),
        ("Ⅳ", "IV"),
        ("猫", "貓"),
        ("\u200dcat", "cat"),
    ],
)
def test_other_words_stay_two(one: str, other: str) -> None:
    assert label_key(one) != label_key(other)
    assert Vocabulary.of("custom", [Label(one), Label(other)]).names == (one, other)


def test_white_space_is_that_of_unicode() -> None:
    separators = {chr(code) for code in range(sys.maxunicode) if chr(code).isspace()}
    assert set(WHITE_SPACE) == separators - set("\x1c\x1d\x1e\x1f")


def test_equal_labels_are_merged_and_told() -> None:
    found = Vocabulary.of("custom", map(Label, ("Cat", "dog", "CAT", "cat", "dog", "bird")))
    assert found.labels == (Label("Cat"), Label("dog"), Label("bird"))
    assert found.merged == (MergedLabel("Cat", ("CAT", "cat")), MergedLabel("dog", ("dog",)))
    assert Vocabulary.of("custom", [Label("cat")]).merged == ()


def test_merged_labels_keep_everything_they_have() -> None:
    labels = (
        Label("Dog", ("a dog",), ("hound",), ("a", "b")),
        Label("dog", (), ("Rex", "hound"), ("b", "c")),
        Label("DOG", ("my dog", "a dog")),
    )
    (label,) = Vocabulary.of("pets", labels).labels
    assert label == Label("Dog", ("a dog", "dog", "my dog"), ("hound", "Rex"), ("a", "b", "c"))


def test_a_label_is_read_as_its_reading() -> None:
    label = Label("Katze", aliases=("Mieze",), readings=(("Katze", "cat"), ("Mieze", "kitty")))
    assert (label.read_as, label.texts) == ("cat", ("cat", "kitty"))
    prompted = Label("Katze", ("my tabby",), readings=(("Mieze", "kitty"),))
    assert (prompted.read_as, prompted.texts) == (None, ("my tabby",))
    assert Vocabulary("v", (label, Label("Hund"))).readings == {"Katze": "cat", "Mieze": "kitty"}
