"""Tests of CTC decoding, and of the order of right-to-left lines."""

import numpy as np
import pytest

from domain.arrays import Floats
from domain.text import RecognizedText
from models.pp_ocr.recognizer import CtcSteps, ctc_decode, to_logical_order

CHARACTERS = ("", "a", "b", " ")


def decode(rows: Floats) -> RecognizedText:
    return ctc_decode(CtcSteps.of(rows), CHARACTERS)


def steps(symbols: str, hidden: dict[int, float] | None = None) -> Floats:
    """Return a step for each symbol ("-": blank), of probability 0.9, and `hidden` ones of the space."""
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
    reading = decode(steps(symbols))
    assert reading.text == text
    assert reading.confidence == (pytest.approx(0.9) if text else 0.0)


def test_a_space_that_a_blank_hides_is_found() -> None:
    assert decode(steps("a--b", {1: 0.3})).text == "a b"
    assert decode(steps("a--b", {1: 0.05})).text == "ab"


def test_a_space_that_a_letter_hides_is_none() -> None:
    assert decode(steps("aab", {1: 0.3})).text == "ab"


@pytest.mark.parametrize("shift", [-1, 0, 1])
@pytest.mark.parametrize("start", range(4, 40))
@pytest.mark.parametrize("overlap", [24, 31, 40])
def test_pieces_join_without_a_doubled_or_lost_letter(start: int, overlap: int, shift: int) -> None:
    line = "-a--b------aa-b-----a-" * 4
    stop = min(start + overlap, len(line))
    # The second piece may see the letters that both share a step earlier or later.
    after = line[start - shift :]
    joined = CtcSteps.of(steps(line[:stop])).join(CtcSteps.of(steps(after)), start)
    assert ctc_decode(joined, CHARACTERS).text == "ababa" * 4


@pytest.mark.parametrize(
    ("visual", "logical"),
    [
        ("ملاس", "سالم"),
        ("ةعاسلا 10:30 -", " 10:30 -الساعة"),
        ("هـ 1445/9/1", " 1445/9/1ـه"),
        ("PDF فلم", "ملفPDF "),
        ("50% مصخ", "خصم50% "),
        ("123.45", "123.45"),
        ("", ""),
    ],
)
def test_letters_turn_round_and_numbers_do_not(visual: str, logical: str) -> None:
    assert to_logical_order(visual) == logical
    assert to_logical_order(to_logical_order(visual)) == visual
