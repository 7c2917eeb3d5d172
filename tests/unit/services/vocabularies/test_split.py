"""Tests of services/vocabularies/split.py; tests/browser/test_labels.py compares the page with it."""

import unicodedata
from itertools import product

import pytest

from domain.errors import InvalidRequest
from services.vocabularies.split import COMMAS, LINE_ENDS, split_labels

WORDS = ("cat", "hot dog", "猫", "قطة", "e\u0301", '5" pipe', "a;b", "O'Neill")


def test_the_commas_are_those_of_unicode() -> None:
    named = {
        chr(code)
        for code in range(0x110000)
        if unicodedata.name(chr(code), "").endswith("COMMA") and unicodedata.category(chr(code)) == "Po"
    }
    assert set(COMMAS) == named
    assert len(COMMAS) == len(named)


@pytest.mark.parametrize("separator", [*COMMAS, *LINE_ENDS, "\r\n"], ids=ascii)
def test_labels_stand_between_commas_and_line_ends(separator: str) -> None:
    for one, other in product(WORDS, WORDS):
        for before, after in product(("", " ", "\u3000", "\ufeff"), ("", " ", separator)):
            assert split_labels(f"{before}{one}{separator}{before}{other}{after}") == [one, other]
        assert split_labels(f'"{one.replace(chr(34), 2 * chr(34))}{separator}x"') == [f"{one}{separator}x"]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ('"cat, domestic",dog', ["cat, domestic", "dog"]),
        ('"say ""hi""", x', ['say "hi"', "x"]),
        ('["cat", "dog"]', ["cat", "dog"]),
        (' \ufeff["a, b"]\n', ["a, b"]),
        ("[]", []),
        ("cat", ["cat"]),
        ("cat; dog", ["cat; dog"]),
        (",cat,,dog,", ["cat", "dog"]),
        ("cat\n\n\ndog\r\n", ["cat", "dog"]),
        ('"",cat', ["", "cat"]),
        ("", []),
        (" ,\n", []),
        ("cat [indoors]", ["cat [indoors]"]),
    ],
)
def test_lists(text: str, labels: list[str]) -> None:
    assert split_labels(text) == labels


@pytest.mark.parametrize(
    "text", ["['cat', 'dog']", "[cat, dog]", '["cat"', '["cat", 1]', "[[]]", "[1]", "[" * 9999]
)
def test_what_begins_like_an_array_must_be_one(text: str) -> None:
    with pytest.raises(InvalidRequest, match="expected a JSON array of strings such as") as refused:
        split_labels(text)
    assert text[:20] in refused.value.message or repr(text)[1:20] in refused.value.message


@pytest.mark.parametrize("text", ['"cat', '"cat" dog', 'dog, "cat, bird', '"a"b"'])
def test_a_quote_must_be_closed(text: str) -> None:
    with pytest.raises(InvalidRequest, match="expected a closing quote"):
        split_labels(text)
