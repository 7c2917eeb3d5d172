"""Tests that tiles cover a page, each pixel once, and that plain paper is told from print."""

from itertools import pairwise

import numpy as np
import pytest

from models.pp_ocr.scales import MARGIN_PX, SIDE_MULTIPLE_PX
from models.pp_ocr.tiles import (
    TILE_SIDE_PX,
    axis_spans,
    blank_plain_blocks,
    contrasting_blocks,
    page_tiles,
)


@pytest.mark.parametrize("length", range(SIDE_MULTIPLE_PX, 12_000, SIDE_MULTIPLE_PX))
def test_spans_part_every_length_and_see_beyond_their_cores(length: int) -> None:
    spans = axis_spans(length)
    assert (spans[0].start, spans[0].core_start) == (0, 0)
    assert (spans[-1].stop, spans[-1].core_stop) == (length, length)
    assert {span.stop - span.start for span in spans} == {spans[0].stop}
    assert spans[0].stop <= TILE_SIDE_PX
    assert spans[0].stop % SIDE_MULTIPLE_PX == 0
    for span, after in pairwise(spans):
        assert span.core_stop == after.core_start
        assert span.stop - span.core_stop >= MARGIN_PX
        assert after.core_start - after.start >= MARGIN_PX


@pytest.mark.parametrize(("width", "height"), [(320, 32), (960, 12_704), (4096, 3072), (32_000, 96)])
def test_cores_part_the_page(width: int, height: int) -> None:
    times = np.zeros((height, width), np.uint8)
    page = np.arange(width * height, dtype=np.int64).reshape(height, width)
    for tile in page_tiles(width, height):
        times[tile.core_rows, tile.core_columns] += 1
        inner = page[tile.rows, tile.columns][tile.inner]
        assert np.array_equal(inner, page[tile.core_rows, tile.core_columns])
    assert times.min() == times.max() == 1


@pytest.mark.parametrize(("x", "y"), [(0, 0), (31, 31), (32, 64), (150, 90), (319, 159)])
@pytest.mark.parametrize("level", [0, 120, 247])
def test_blocks_around_a_mark_show_something(x: int, y: int, level: int) -> None:
    page = np.full((160, 320, 3), 255, np.uint8)
    page[y, x] = level
    blocks = contrasting_blocks(page)
    row, column = y // SIDE_MULTIPLE_PX, x // SIDE_MULTIPLE_PX
    near = np.zeros((5, 10), np.bool_)
    near[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2] = True
    assert np.array_equal(blocks, near)
    probability = np.full((160, 320), 255, np.uint8)
    blank_plain_blocks(probability, blocks)
    assert np.array_equal(probability > 0, near.repeat(32, axis=0).repeat(32, axis=1))


@pytest.mark.parametrize("level", [0, 128, 255])
def test_plain_paper_shows_nothing_and_no_tile_meets_it(level: int) -> None:
    page = np.full((1600, 2560, 3), level, np.uint8)
    page[..., 0] += (np.indices((1600, 2560)).sum(axis=0) % 2 * (1 if level < 255 else 0)).astype(np.uint8)
    blocks = contrasting_blocks(page)
    assert not blocks.any()
    tiles = page_tiles(2560, 1600)
    assert not any(tile.meets(blocks) for tile in tiles)
    blocks[49, 79] = True
    assert [tile.meets(blocks) for tile in tiles] == [False] * (len(tiles) - 1) + [True]


def test_an_edge_between_two_blocks_is_seen() -> None:
    page = np.full((96, 192, 3), 255, np.uint8)
    page[:, 64:] = 0
    assert contrasting_blocks(page).tolist() == [[False, True, True, False, False, False]] * 3
