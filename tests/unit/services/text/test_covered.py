"""Tests of services/text/covered.py."""

import numpy as np
import pytest

from domain.text import RecognizedText
from services.text.covered import ReadLine, without_covered_print
from services.text.quads import roll_corners


def line(x: float, y: float, width: float, height: float, text: str, confidence: float = 0.99) -> ReadLine:
    corners = [[x, y], [x + width, y], [x + width, y + height], [x, y + height]]
    return np.array(corners, np.float32), RecognizedText(text, confidence)


SMALL = [line(20, 20 + 40 * row, 90, 22, f"word{row}") for row in range(5)]


@pytest.mark.parametrize("turns", range(4))
def test_a_block_of_small_print_is_no_line(turns: int) -> None:
    quad, reading = line(0, 0, 300, 220, "11111", 0.88)
    block = roll_corners(quad[None], turns)[0], reading
    assert without_covered_print([*SMALL[:2], block, *SMALL[2:]]) == SMALL


@pytest.mark.parametrize(
    "inside",
    [
        [],
        [line(20, 20, 90, 22, "one")],
        [line(20, 20, 90, 22, "I"), line(20, 60, 90, 22, "l")],
        [line(20, 20, 90, 22, "ab", 0.6), line(20, 60, 90, 22, "cd", 0.7)],
        [line(5, 5, 280, 150, "equal"), line(10, 60, 280, 150, "height")],
        [line(400, 20, 90, 22, "beside"), line(400, 60, 90, 22, "it")],
    ],
)
def test_other_lines_stay(inside: list[ReadLine]) -> None:
    large = line(0, 0, 300, 220, "HUGE")
    assert without_covered_print([large, *inside]) == [large, *inside]


def test_no_lines() -> None:
    assert without_covered_print([]) == []
