"""Lines are cut out upright, whole and at one height."""

import numpy as np
import pytest

from models.pp_ocr.crops import LINE_HEIGHT_PX, crop_line
from models.pp_ocr.detector import detector_input_size


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
    # The same page turned clockwise, and the corners of the line followed.
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


@pytest.mark.parametrize("size", [(40_000, 60), (60, 40_000)])
def test_a_line_longer_than_opencv_warps(size: tuple[int, int]) -> None:
    width, height = size
    rgb = np.zeros((height, width, 3), np.uint8)
    corners = quad(0, 0, width, height)
    line = crop_line(rgb, np.roll(corners, -1, axis=0) if height > width else corners)
    assert line.shape[0] == LINE_HEIGHT_PX


@pytest.mark.parametrize("width", [0.0, 0.4, 2.0])
def test_a_sliver_is_cut_too(width: float) -> None:
    rgb = np.zeros((20, 20, 3), np.uint8)
    assert crop_line(rgb, quad(19, 3, width, 0)).shape[0] == LINE_HEIGHT_PX


@pytest.mark.parametrize(
    ("size", "seen"),
    [
        ((1000, 1200), (992, 1216)),
        ((400, 400), (736, 736)),
        ((600, 800), (896, 1216)),
        ((800, 900), (960, 1088)),
        ((6000, 4000), (1984, 1344)),
        ((2000, 16), (1984, 32)),
    ],
)
def test_what_the_network_sees(size: tuple[int, int], seen: tuple[int, int]) -> None:
    assert detector_input_size(*size) == seen
