"""Grids, whole and in levels."""

import numpy as np
import pytest

from adapters.threads import ThreadWorkerPool
from services.masks import grid as grid_search
from services.masks.candidates import CroppedCandidates
from services.masks.filter import CandidateFilter
from services.masks.grid import (
    GridMaskGenerator,
    build_point_grid,
    point_grid_levels,
    point_grid_prompts,
    uncovered_points,
)
from services.masks.nms import mask_selector
from services.masks.options import PointGrid
from services.progress import Progress
from tests.fakes import DiscSegmenter
from tests.unit.services.masks.candidates import shortlist
from tests.unit.services.masks.test_nms import squares


def test_the_grid_has_a_point_in_the_middle_of_each_cell() -> None:
    points = [tuple(prompt.points[0]) for prompt in point_grid_prompts(100, 50, 2)]
    assert points == [(25, 12.5), (75, 12.5), (25, 37.5), (75, 37.5)]


@pytest.mark.parametrize("side", range(1, 65))
def test_levels_have_every_point_once(side: int) -> None:
    levels = point_grid_levels(side, 8)
    assert sorted(np.concatenate(levels).tolist()) == list(range(side**2))
    assert len(levels[0]) >= min(side, 8) ** 2 / 2


def test_levels_halve_the_cell_each_time() -> None:
    assert [len(level) for level in point_grid_levels(32, 8)] == [64, 64, 128, 256, 512]
    assert [len(level) for level in point_grid_levels(16, 8)] == [64, 64, 128]
    rows, columns = np.divmod(point_grid_levels(16, 8)[0], 16)
    assert set(rows.tolist()) == set(columns.tolist()) == set(range(1, 16, 2))


def test_shares_go_row_by_row() -> None:
    assert build_point_grid(2).tolist() == [[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]]


def _search(
    grid: PointGrid, workers: int = 2, candidate_filter: CandidateFilter | None = None, max_masks: int = 64
):
    segmenter = DiscSegmenter()
    embedding = segmenter.encode(np.zeros((96, 160, 3), np.uint8))
    steps: list[tuple[str, int, int]] = []
    progress = Progress(lambda *step: steps.append(step[:3]))
    suppress = mask_selector(grid.deduplication, 160, 96, max_masks).suppress
    search = GridMaskGenerator(
        segmenter,
        embedding,
        ThreadWorkerPool(workers),
        candidate_filter or CandidateFilter(),
        suppress,
        progress,
    )
    return *search.generate(grid), steps, segmenter


def test_points_in_small_masks_are_explained_and_points_in_large_ones_are_not() -> None:
    masks = squares((0, 0, 30, 30), (0, 0, 90, 90))
    points = np.array([[0.1, 0.1], [0.29, 0.29], [0.31, 0.31], [0.95, 0.95]])
    assert uncovered_points(shortlist(masks), points, 0.09).tolist() == [False, False, True, True]
    assert uncovered_points(shortlist(masks), points, 0.9).tolist() == [False, False, False, True]


def test_nothing_found_explains_nothing() -> None:
    assert uncovered_points(shortlist(squares()), build_point_grid(3), 1.0).all()


def test_an_adaptive_grid_decodes_less_and_the_steps_add_up() -> None:
    _, all_prompts, _, _ = _search(PointGrid(16, adaptive=False))
    found, prompts, steps, segmenter = _search(PointGrid(16))
    assert 64 <= prompts < all_prompts == 256
    assert sum(segmenter.batches) == prompts
    assert len(found) > 0
    assert [step[1:] for step in steps] == [(0, 256), (64, 256), (128, 256), (256, 256)]


@pytest.mark.parametrize("side", [1, 2, 7, 13, 20])
def test_any_number_of_points_works(side: int) -> None:
    found, prompts, steps, _ = _search(PointGrid(side))
    assert 1 <= prompts <= side**2
    assert len(found) > 0
    assert steps[-1][1:] == (side**2, side**2)


def test_the_number_of_workers_changes_nothing() -> None:
    (one, count, *_), (four, other, *_) = _search(PointGrid(16), 1), _search(PointGrid(16), 4)
    assert count == other
    assert one.keys == four.keys
    assert np.array_equal(one.quality, four.quality)


def test_unreliable_masks_explain_nothing() -> None:
    # The caller keeps everything; the segmenter's own threshold is above all its candidates.
    segmenter = DiscSegmenter()
    assert segmenter.defaults.quality_threshold == 0.2
    good = GridMaskGenerator.__dict__["_good"]
    search = GridMaskGenerator(segmenter, None, None, CandidateFilter(), lambda found: found, Progress())  # type: ignore[arg-type]
    found = shortlist(squares((0, 0, 9, 9), (0, 0, 8, 8)), [0.1, 0.3])
    assert len(good(search, found)) == 1


@pytest.mark.parametrize("deduplication", ["mask", "box", "none"])
def test_what_is_held_is_bounded(monkeypatch: pytest.MonkeyPatch, deduplication: str) -> None:
    limit = 400_000
    monkeypatch.setattr(grid_search, "MAX_CANDIDATE_BYTES", limit)
    grid = PointGrid(24, adaptive=False, deduplication=deduplication)  # type: ignore[arg-type]
    allow_duplicates = deduplication == "none"
    found, prompts, _, _ = _search(
        grid, candidate_filter=CandidateFilter(allow_duplicates=allow_duplicates), max_masks=20
    )
    assert prompts == 576
    assert len(found) > 10
    assert found.nbytes <= limit
    assert isinstance(found, CroppedCandidates)


def test_none_bounded_is_none_unbounded(monkeypatch: pytest.MonkeyPatch) -> None:
    grid, candidate_filter = (
        PointGrid(24, adaptive=False, deduplication="none"),
        CandidateFilter(allow_duplicates=True),
    )
    choose = mask_selector("none", 160, 96, 20)
    whole = choose.answer(_search(grid, candidate_filter=candidate_filter, max_masks=20)[0])
    monkeypatch.setattr(grid_search, "MAX_CANDIDATE_BYTES", 1_000_000)
    assert choose.answer(_search(grid, candidate_filter=candidate_filter, max_masks=20)[0]).keys == whole.keys
