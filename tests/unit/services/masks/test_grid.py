"""Grids, whole and in levels."""

import numpy as np
import pytest

from adapters.threads import ThreadWorkerPool
from services.masks import grid as grid_search
from services.masks.candidates import Shortlist
from services.masks.filter import Filter
from services.masks.grid import GridSearch, grid_levels, grid_prompts, grid_shares, unexplained
from services.masks.nms import chooser
from services.masks.options import Grid
from services.progress import Progress
from tests.fakes import DiscSegmenter
from tests.unit.services.masks.candidates import shortlist
from tests.unit.services.masks.test_nms import squares


def test_the_grid_has_a_point_in_the_middle_of_each_cell() -> None:
    points = [tuple(prompt.points[0]) for prompt in grid_prompts(100, 50, 2)]
    assert points == [(25, 12.5), (75, 12.5), (25, 37.5), (75, 37.5)]


@pytest.mark.parametrize("side", range(1, 65))
def test_levels_have_every_point_once(side: int) -> None:
    levels = grid_levels(side, 8)
    assert sorted(np.concatenate(levels).tolist()) == list(range(side**2))
    assert len(levels[0]) >= min(side, 8) ** 2 / 2


def test_levels_halve_the_cell_each_time() -> None:
    assert [len(level) for level in grid_levels(32, 8)] == [64, 64, 128, 256, 512]
    assert [len(level) for level in grid_levels(16, 8)] == [64, 64, 128]
    rows, columns = np.divmod(grid_levels(16, 8)[0], 16)
    assert set(rows.tolist()) == set(columns.tolist()) == set(range(1, 16, 2))


def test_shares_go_row_by_row() -> None:
    assert grid_shares(2).tolist() == [[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]]


def _search(grid: Grid, workers: int = 2, keep: Filter | None = None, max_masks: int = 64):
    segmenter = DiscSegmenter()
    embedding = segmenter.encode(np.zeros((96, 160, 3), np.uint8))
    steps: list[tuple[str, int, int]] = []
    progress = Progress(lambda *step: steps.append(step[:3]))
    thin = chooser(grid.deduplication, 160, 96, max_masks).thin
    search = GridSearch(segmenter, embedding, ThreadWorkerPool(workers), keep or Filter(), thin, progress)
    return *search.run(grid), steps, segmenter


def test_points_in_small_masks_are_explained_and_points_in_large_ones_are_not() -> None:
    masks = squares((0, 0, 30, 30), (0, 0, 90, 90))
    points = np.array([[0.1, 0.1], [0.29, 0.29], [0.31, 0.31], [0.95, 0.95]])
    assert unexplained(shortlist(masks), points, 0.09).tolist() == [False, False, True, True]
    assert unexplained(shortlist(masks), points, 0.9).tolist() == [False, False, False, True]


def test_nothing_found_explains_nothing() -> None:
    assert unexplained(shortlist(squares()), grid_shares(3), 1.0).all()


def test_an_adaptive_grid_decodes_less_and_the_steps_add_up() -> None:
    _, all_prompts, _, _ = _search(Grid(16, adaptive=False))
    found, prompts, steps, segmenter = _search(Grid(16))
    assert 64 <= prompts < all_prompts == 256
    assert sum(segmenter.batches) == prompts
    assert len(found) > 0
    assert [step[1:] for step in steps] == [(0, 256), (64, 256), (128, 256), (256, 256)]


@pytest.mark.parametrize("side", [1, 2, 7, 13, 20])
def test_any_number_of_points_works(side: int) -> None:
    found, prompts, steps, _ = _search(Grid(side))
    assert 1 <= prompts <= side**2
    assert len(found) > 0
    assert steps[-1][1:] == (side**2, side**2)


def test_the_number_of_workers_changes_nothing() -> None:
    (one, count, *_), (four, other, *_) = _search(Grid(16), 1), _search(Grid(16), 4)
    assert count == other
    assert one.keys == four.keys
    assert np.array_equal(one.quality, four.quality)


def test_unreliable_masks_explain_nothing() -> None:
    # The caller keeps everything; the segmenter's own threshold is above all its candidates.
    segmenter = DiscSegmenter()
    assert segmenter.defaults.quality_threshold == 0.2
    good = GridSearch.__dict__["_good"]
    search = GridSearch(segmenter, None, None, Filter(), lambda found: found, Progress())  # type: ignore[arg-type]
    found = shortlist(squares((0, 0, 9, 9), (0, 0, 8, 8)), [0.1, 0.3])
    assert len(good(search, found)) == 1


@pytest.mark.parametrize("deduplication", ["mask", "box", "none"])
def test_what_is_held_is_bounded(monkeypatch: pytest.MonkeyPatch, deduplication: str) -> None:
    limit = 400_000
    monkeypatch.setattr(grid_search, "HELD_BYTES", limit)
    grid = Grid(24, adaptive=False, deduplication=deduplication)  # type: ignore[arg-type]
    repeats = deduplication == "none"
    found, prompts, _, _ = _search(grid, keep=Filter(repeats=repeats), max_masks=20)
    assert prompts == 576
    assert len(found) > 10
    assert found.nbytes <= limit
    assert isinstance(found, Shortlist)


def test_none_bounded_is_none_unbounded(monkeypatch: pytest.MonkeyPatch) -> None:
    grid, keep = Grid(24, adaptive=False, deduplication="none"), Filter(repeats=True)
    choose = chooser("none", 160, 96, 20)
    whole = choose.answer(_search(grid, keep=keep, max_masks=20)[0])
    monkeypatch.setattr(grid_search, "HELD_BYTES", 1_000_000)
    assert choose.answer(_search(grid, keep=keep, max_masks=20)[0]).keys == whole.keys
