"""Lines of text come in the order in which people read them."""

import numpy as np
import pytest

from domain.arrays import Floats
from services.text.layout import join_text, reading_order

HEIGHT = 20.0
PITCH = 30.0

Placed = tuple[str, float, float, float]
"""Text, x, y of the top left, length."""


def column(name: str, x: float, y: float, rows: int, length: float = 300.0) -> list[Placed]:
    return [(f"{name}{row}", x, y + row * PITCH, length - 20 * (row % 3)) for row in range(rows)]


def read(placed: list[Placed], degrees: float = 0.0, seed: int = 0, right_to_left: bool = False) -> str:
    """The page's text, its lines found in any order."""
    order = np.random.default_rng(seed).permutation(len(placed))
    shuffled = [placed[index] for index in order]
    quads = turned(np.array([corners(*line) for line in shuffled], np.float32), degrees)
    blocks = reading_order(quads, right_to_left)
    return join_text(blocks, [line[0] for line in shuffled])


def corners(_text: str, x: float, y: float, length: float) -> list[list[float]]:
    return [[x, y], [x + length, y], [x + length, y + HEIGHT], [x, y + HEIGHT]]


def turned(quads: Floats, degrees: float) -> Floats:
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]], np.float32)
    return quads @ turn


@pytest.mark.parametrize("degrees", [0.0, -4.0, 4.0])
@pytest.mark.parametrize("seed", [0, 1])
def test_two_columns_below_a_heading_and_above_a_footer(degrees: float, seed: int) -> None:
    page = [
        ("heading", 50.0, 20.0, 600.0),
        *column("left", 40, 80, 8),
        *column("right", 370, 80, 8),
        ("footer", 100.0, 360.0, 500.0),
    ]
    words = read(page, degrees, seed).split()
    assert words == [
        "heading",
        *(f"left{row}" for row in range(8)),
        *(f"right{row}" for row in range(8)),
        "footer",
    ]


@pytest.mark.parametrize("degrees", [0.0, -4.0, 4.0])
def test_a_page_that_runs_to_the_left(degrees: float) -> None:
    page = [*column("left", 40, 0, 8), *column("right", 370, 0, 8)]
    assert read(page, degrees, right_to_left=True).split() == [
        *(f"right{row}" for row in range(8)),
        *(f"left{row}" for row in range(8)),
    ]
    halves = [("second", 40.0, 0.0, 100.0), ("first", 180.0, 2.0, 120.0)]
    assert read(halves, degrees, right_to_left=True) == "first second"
    assert read(halves, degrees) == "second first"


def test_a_paragraph_gap_across_both_columns_does_not_mix_them() -> None:
    page = [
        *column("a", 40, 0, 4),
        *column("b", 40, 200, 4),
        *column("c", 370, 0, 4),
        *column("d", 370, 200, 4),
    ]
    paragraphs = read(page).split("\n\n")
    assert [paragraph.split("\n")[0] for paragraph in paragraphs] == ["a0", "b0", "c0", "d0"]


def test_three_columns() -> None:
    page = [*column("a", 0, 0, 5, 200), *column("b", 230, 5, 5, 200), *column("c", 460, 10, 6, 200)]
    words = read(page, 2.0).split()
    assert words == [f"{name}{row}" for name, rows in (("a", 5), ("b", 5), ("c", 6)) for row in range(rows)]


def test_the_amounts_of_a_receipt_stay_in_their_rows() -> None:
    items = [(f"item{row}", 20.0, row * PITCH, 260.0) for row in range(6)]
    amounts = [(f"{row}.00", 420.0, row * PITCH + 3, 60.0) for row in range(6)]
    assert read([*items, *amounts], 1.5).split("\n") == [f"item{row} {row}.00" for row in range(6)]


def test_words_of_one_row_and_blocks() -> None:
    page = [("one", 0.0, 0.0, 40.0), ("two", 60.0, 4.0, 40.0), ("three", 0.0, 100.0, 60.0)]
    assert read(page) == "one two\n\nthree"


def test_no_lines() -> None:
    assert reading_order(np.zeros((0, 4, 2), np.float32)) == []
    assert join_text([], []) == ""
