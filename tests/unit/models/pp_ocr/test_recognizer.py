"""Steps along a line become text."""

import numpy as np
import pytest

from domain.arrays import Floats
from models.pp_ocr.recognizer import ctc_decode

CHARACTERS = ("", "a", "b", " ")


def steps(symbols: str, hidden: dict[int, float] | None = None) -> Floats:
    """A step for each symbol ("-": blank), 0.9 sure; `hidden` probabilities of the space at some steps."""
    rows = np.full((len(symbols), len(CHARACTERS)), 0.01, np.float32)
    rows[np.arange(len(symbols)), ["-ab ".index(symbol) for symbol in symbols]] = 0.9
    for step, probability in (hidden or {}).items():
        rows[step, 3] = probability
    return rows


@pytest.mark.parametrize(
    ("symbols", "text"),
    [
        ("--aa-b-", "ab"),
        ("a-a", "aa"),
        ("aab", "ab"),
        ("a b", "a b"),
        (" -a- -b- ", "a b"),
        ("----", ""),
        ("  ", ""),
    ],
)
def test_repeats_and_blanks_go(symbols: str, text: str) -> None:
    reading = ctc_decode(steps(symbols), CHARACTERS)
    assert reading.text == text
    assert reading.confidence == (pytest.approx(0.9) if text else 0.0)


def test_a_space_that_a_blank_hides_is_found() -> None:
    assert ctc_decode(steps("a--b", {1: 0.3}), CHARACTERS).text == "a b"
    assert ctc_decode(steps("a--b", {1: 0.05}), CHARACTERS).text == "ab"


def test_a_space_that_a_letter_hides_is_none() -> None:
    assert ctc_decode(steps("aab", {1: 0.3}), CHARACTERS).text == "ab"
