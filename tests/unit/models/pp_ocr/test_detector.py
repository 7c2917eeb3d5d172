"""Lines of any size are found once on pages of any shape, over a network that takes what is dark for text."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from domain.arrays import Floats, Rgb
from models.pp_ocr.detector import LineDetector
from models.pp_ocr.scales import MAX_SEARCHED_PIXELS, search_levels
from models.pp_ocr.tiles import TILE_SIDE_PX, axis_spans

Box = tuple[int, int, int, int]


class DarkGraph:
    """Network to which whatever is dark is text; it remembers the sizes of its inputs."""

    metadata: Mapping[str, str] = {}

    def __init__(self) -> None:
        self.sizes: list[tuple[int, int]] = []

    def run(self, feeds: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
        pixels = feeds["x"]
        self.sizes.append((pixels.shape[3], pixels.shape[2]))
        return [(pixels.mean(axis=1, keepdims=True) < 0).astype(np.float32)]


def find(rgb: Rgb) -> tuple[Floats, float, list[tuple[int, int]], list[tuple[int, int]]]:
    """Return boxes [N, 4], the scale, what was told, and the sizes of the network's inputs."""
    graph, told = DarkGraph(), []
    found = LineDetector(graph).detect(rgb, lambda done, total: told.append((done, total)))  # type: ignore[arg-type]
    boxes = np.concatenate([found.quads.min(axis=1), found.quads.max(axis=1)], axis=1)
    return boxes, found.scale, told, graph.sizes


def draw(width: int, height: int, bars: list[Box]) -> Rgb:
    rgb = np.full((height, width, 3), 255, np.uint8)
    for x0, y0, x1, y1 in bars:
        rgb[y0:y1, x0:x1] = 0
    return rgb


def check_each_once(boxes: Floats, bars: list[Box]) -> None:
    """The network finds the shrunken core of a line, which grows by its unclip ratio."""
    assert len(boxes) == len(bars)
    for x0, y0, x1, y1 in bars:
        growth = 1.2 * min(x1 - x0, y1 - y0) + 8
        near = np.abs(boxes - [x0, y0, x1, y1]).max(axis=1) <= growth
        assert near.sum() == 1, (x0, y0, x1, y1)


@pytest.mark.parametrize(
    ("size", "sizes"),
    [
        ((1000, 1200), [(992, 1216)]),
        ((400, 400), [(736, 736)]),
        ((600, 800), [(896, 1216)]),
        ((800, 900), [(960, 1088)]),
        ((4000, 3000), [(1984, 1504)]),
        ((2000, 16), [(1984, 32)]),
    ],
)
def test_a_page_that_need_not_shrink_much_is_searched_at_once(
    size: tuple[int, int], sizes: list[tuple[int, int]]
) -> None:
    assert find(draw(*size, []))[3] == sizes


PAGES = [
    (800, 10_600),
    (1080, 24_040),
    (700, 4_000),
    (4_000, 48),
    (16_000, 48),
    (60_000, 16),
    (16, 60_000),
    (6000, 4000),
]


@pytest.mark.parametrize(("width", "height"), [*PAGES, (6000, 8000), (20_000, 20_000)])
def test_the_cost_of_any_page_is_bounded(width: int, height: int) -> None:
    levels = search_levels(width, height)
    searched = sum(level.width * level.height for level in levels)
    # Sides are rounded to multiples of 32, and every smaller scale has a ninth of the pixels.
    assert searched <= 1.2 * MAX_SEARCHED_PIXELS
    assert [level.scale for level in levels] == sorted((level.scale for level in levels), reverse=True)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("height", [9, 20, 60, 110])
def test_lines_on_every_border_of_a_tile_are_found_once(height: int, turned: bool) -> None:
    width, long = 900, 7000
    (level, *_) = search_levels(width, long)
    borders = [span.core_stop / level.scale for span in axis_spans(level.height)[:-1]]
    bars = [
        (100 + 40 * index, round(border - share * height), 800, round(border - share * height) + height)
        for index, border in enumerate(borders)
        for share in [(0.0, 0.25, 0.5, 0.75, 1.0)[index % 5]]
    ]
    rgb = draw(width, long, bars)
    if turned:
        rgb, bars = (
            np.ascontiguousarray(rgb.transpose(1, 0, 2)),
            [(y0, x0, y1, x1) for x0, y0, x1, y1 in bars],
        )
    boxes, _, told, sizes = find(rgb)
    check_each_once(boxes, bars)
    assert told == [(done, len(told)) for done in range(1, len(told) + 1)]
    assert max(max(size) for size in sizes) <= TILE_SIDE_PX


@pytest.mark.parametrize("offset", range(0, 1000, 125))
def test_lines_at_every_place_of_a_tile_are_found_once(offset: int) -> None:
    bars = [(60, offset + 1000 * row, 740, offset + 1000 * row + 24) for row in range(6)]
    check_each_once(find(draw(800, 6200, bars))[0], bars)


@pytest.mark.parametrize("width", [4_000, 16_000, 40_000])
def test_a_line_across_many_tiles_is_one_line(width: int) -> None:
    bars = [(30, 14, width - 30, 36)]
    check_each_once(find(draw(width, 48, bars))[0], bars)


@pytest.mark.parametrize("height", [8, 30, 90, 150, 250, 400, 700, 1500])
def test_print_of_every_height_is_found_once_beside_small_print(height: int) -> None:
    small = [(200, 300 + 60 * row, 900, 320 + 60 * row) for row in range(20)]
    large = [(1500, 1000, 5500, 1000 + height)]
    check_each_once(find(draw(6000, 4000, small + large))[0], small + large)


def test_plain_paper_is_not_searched() -> None:
    boxes, scale, told, sizes = find(draw(800, 10_600, []))
    assert (len(boxes), sizes) == (0, [])
    assert told[-1] == (len(told), len(told))
    assert scale == 1


def test_a_listener_can_end_the_search() -> None:
    def stop(_done: int, _total: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        LineDetector(DarkGraph()).detect(draw(800, 10_600, []), stop)  # type: ignore[arg-type]
