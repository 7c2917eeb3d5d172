"""Tests that lines are cropped upright, whole and at one height."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from domain.arrays import Floats, Rgb
from models.pp_ocr.crops import (
    LINE_HEIGHT_PX,
    MAX_WIDTH_PX,
    PIECE_OVERLAP_PX,
    STEP_PX,
    line_pieces,
    piece_spans,
)


def crop_line(rgb: Rgb, quad: Floats) -> NDArray[np.uint8]:
    """Return a line that is one piece."""
    (piece,) = line_pieces(rgb, quad)
    assert piece.start == 0
    return piece.pixels


def quad(x: float, y: float, length: float, height: float) -> np.ndarray:
    return np.array([[x, y], [x + length, y], [x + length, y + height], [x, y + height]], np.float32)


def test_a_line_is_cut_with_a_little_at_both_ends() -> None:
    rgb = np.full((200, 400, 3), 255, np.uint8)
    rgb[100:120, 50:250] = (10, 20, 30)
    line = crop_line(rgb, quad(50, 100, 200, 20))
    assert line.shape == (LINE_HEIGHT_PX, np.ceil(LINE_HEIGHT_PX * 204 / 20), 3)
    assert line[LINE_HEIGHT_PX // 2, 0, 0] > 200
    assert line[LINE_HEIGHT_PX // 2, 10].tolist() == [10, 20, 30]


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_the_first_corner_says_which_way_up(turns: int) -> None:
    rgb = np.random.default_rng(0).integers(0, 255, (60, 300, 3)).astype(np.uint8)
    rgb = np.kron(rgb[::10, ::10], np.ones((10, 10, 1), np.uint8))
    upright = crop_line(rgb, quad(40, 10, 200, 40))
    # The same page is turned clockwise, and the corners of the line follow.
    turned = np.ascontiguousarray(np.rot90(rgb, -turns))
    corners = quad(40, 10, 200, 40)
    for _ in range(turns):
        height = 60 if _ % 2 == 0 else 300
        corners = np.stack([height - corners[:, 1], corners[:, 0]], axis=1)
    again = crop_line(turned, corners.astype(np.float32))
    assert again.shape == upright.shape
    assert np.abs(again.astype(int) - upright).mean() < 12


def test_large_text_is_averaged_and_not_thinned() -> None:
    stripes = np.zeros((480, 2000, 3), np.uint8)
    stripes[:, ::2] = 255
    line = crop_line(stripes, quad(100, 40, 1600, 400))
    middle = line[:, 20:-20].astype(int)
    assert np.abs(middle - 127).max() < 40


@pytest.mark.parametrize("size", [(40_000, 60), (60, 40_000), (60_000, 16), (16, 60_000), (3_000, 30)])
def test_a_long_line_is_cut_into_pieces_that_overlap(size: tuple[int, int]) -> None:
    width, height = size
    rgb = np.zeros((height, width, 3), np.uint8)
    corners = quad(0, 0, width, height)
    stop = 0
    for piece in line_pieces(rgb, np.roll(corners, -1, axis=0) if height > width else corners):
        assert piece.pixels.shape[0] == LINE_HEIGHT_PX
        assert piece.pixels.shape[1] <= MAX_WIDTH_PX
        assert piece.start % STEP_PX == 0
        assert piece.start <= max(0, stop - PIECE_OVERLAP_PX)
        stop = piece.start + piece.pixels.shape[1]
    assert stop >= LINE_HEIGHT_PX * max(size) / min(size)


@pytest.mark.parametrize("width", [*range(MAX_WIDTH_PX + 1, MAX_WIDTH_PX + 700, 7), 10_001, 77_777, 300_000])
def test_pieces_cover_every_width(width: int) -> None:
    spans = piece_spans(width)
    assert (spans[0][0], spans[-1][1]) == (0, width)
    for (start, stop), (after, _) in pairwise(spans):
        assert start < after <= stop - PIECE_OVERLAP_PX
    assert all(stop - start <= MAX_WIDTH_PX and start % STEP_PX == 0 for start, stop in spans)


def test_pieces_show_what_the_whole_line_shows() -> None:
    rng = np.random.default_rng(0)
    rgb = np.repeat(rng.integers(0, 255, (1, 1500, 3)).astype(np.uint8), 48, axis=0).repeat(8, axis=1)
    middle = LINE_HEIGHT_PX // 2
    overhang = round(0.1 * 48)
    for piece in line_pieces(rgb, quad(overhang, 0, 12_000 - 2 * overhang, 48)):
        columns = np.clip(np.arange(piece.pixels.shape[1]) + piece.start, 0, 11_999)
        assert np.abs(piece.pixels[middle].astype(int) - rgb[middle, columns]).mean() < 8


@pytest.mark.parametrize("width", [0.0, 0.4, 2.0])
def test_a_sliver_is_cut_too(width: float) -> None:
    rgb = np.zeros((20, 20, 3), np.uint8)
    assert crop_line(rgb, quad(19, 3, width, 0)).shape[0] == LINE_HEIGHT_PX
