"""Grids of points over an image, whole and in levels from coarse to fine."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.masks import Embedding, Prompt
from domain.ports.compute import WorkerPool
from domain.ports.models import Segmenter
from services.masks.candidates import CroppedCandidates, mask_areas, masks_contain_points, packed_pixels
from services.masks.filter import CandidateFilter, decode_and_filter
from services.masks.options import PointGrid
from services.progress import Progress

ANCHOR_INDEX = 5
"""Row and column of a point that all levels have: near the middle of its cell at every power of 2."""

ANCHOR_COARSENESS = 100


def build_point_grid(points_per_side: int) -> NDArray[np.float64]:
    """A regular grid of points, each in the middle of its cell, row by row.

    The grid of SAM's automatic mask generator (Kirillov et al., 2023).

    Returns:
        float64 [points_per_side ** 2, 2], x and y as shares of width and height.
    """
    steps = (np.arange(points_per_side) + 0.5) / points_per_side
    return np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)


def point_grid_prompts(width: int, height: int, points_per_side: int) -> list[Prompt]:
    """A prompt for each point of the grid, in pixels of the image."""
    return [Prompt.point(x * width, y * height) for x, y in build_point_grid(points_per_side).tolist()]


def point_grid_levels(points_per_side: int, coarsest: int) -> list[NDArray[np.int64]]:
    """The points of the grid by level, coarse to fine: each level halves the cell that a point stands for.

    First every k-th point of every k-th row, then the middles of the squares between those, then the middles
    of their sides, and so on with half of k. k is the largest power of 2 that leaves `coarsest` points
    a side.

    Returns:
        For each level int64 [N], positions in the grid, ascending; together each position once.
    """
    rank = np.array(
        [_point_coarseness(*divmod(index, points_per_side)) for index in range(points_per_side**2)]
    )
    doublings = max(points_per_side // coarsest, 1).bit_length() - 1
    rank = np.minimum(rank, 2 * doublings)
    return [np.flatnonzero(rank == value) for value in np.unique(rank)[::-1]]


def _point_coarseness(row: int, column: int) -> int:
    """How many halvings of the cell before the full grid this point comes in already."""
    down, right = row - ANCHOR_INDEX, column - ANCHOR_INDEX
    step = (down | right) & -(down | right)
    if step == 0:
        return ANCHOR_COARSENESS
    return 2 * (step.bit_length() - 1) + bool(down & right & step)


COARSEST_POINTS_PER_SIDE = 8
"""Points a side that are always decoded, at least; sparser levels lose objects."""

MAX_COVERING_MASK_CELLS = 4.0
"""A good mask explains the points inside it if it is at most this many cells large, a cell being the part
of the image that a point stands for once its level is decoded. A larger mask may well hold something smaller
that no point has hit yet, so the points inside it are decoded.
"""

LAST_LEVEL_MAX_COVERING_MASK_CELLS = 128.0
"""The same in the last level, where all neighbours of a point are known: what they missed is smaller than two
cells. Both were chosen on COCO photographs, see docs/decisions/0007-everything-mode.md.
"""


def uncovered_points(
    good: CroppedCandidates, points: NDArray[np.float64], largest: float
) -> NDArray[np.bool_]:
    """Which points still have to be decoded, bool [P].

    Args:
        good: The masks found so far that can be relied on.
        points: The points, float64 [P, 2], x and y as shares of width and height.
        largest: Masks above this share of the image explain nothing.
    """
    area = mask_areas(good.bits) / packed_pixels(good.frame)
    inside = masks_contain_points(good.bits[area <= largest], good.frame, points)
    unknown: NDArray[np.bool_] = np.count_nonzero(inside, axis=0) == 0
    return unknown


PROMPTS_PER_ROUND = 256
"""Most prompts decoded before what is held is bounded."""

MAX_CANDIDATE_BYTES = 256 * 2**20
"""Held masks beyond it are thinned before the end, and the worst go if that is not enough."""

SuppressCandidates = Callable[[CroppedCandidates], CroppedCandidates]
"""Removes what would not be in the answer; best quality first."""


@dataclass(frozen=True)
class GridMaskGenerator:
    """Searches one image with a grid. The answer does not depend on the number of workers.

    Attributes:
        segmenter: Decodes.
        embedding: The image.
        pool: Runs batches of prompts.
        candidate_filter: What candidates must reach.
        suppress: Called when more than HELD_BYTES are held.
        progress: Hears of every round; a point is done when it is decoded or skipped.
    """

    segmenter: Segmenter
    embedding: Embedding
    pool: WorkerPool
    candidate_filter: CandidateFilter
    suppress: SuppressCandidates
    progress: Progress

    def generate(self, grid: PointGrid) -> tuple[CroppedCandidates, int]:
        """What was found, and how many prompts were decoded for it."""
        side = grid.points_per_side
        levels = point_grid_levels(side, COARSEST_POINTS_PER_SIDE) if grid.adaptive else [np.arange(side**2)]
        self._report(0, 0, side**2)
        found, done, decoded = self._decode(levels[0], side), len(levels[0]), len(levels[0])
        for level in levels[1:]:
            self._report(done, decoded, side**2)
            done += len(level)
            max_cells = LAST_LEVEL_MAX_COVERING_MASK_CELLS if done == side**2 else MAX_COVERING_MASK_CELLS
            points = level[
                uncovered_points(self._reliable(found), build_point_grid(side)[level], max_cells / done)
            ]
            found, decoded = self._decode(points, side, found), decoded + len(points)
        self._report(done, decoded, side**2)
        return found, decoded

    def _decode(
        self, points: NDArray[np.int64], side: int, found: CroppedCandidates | None = None
    ) -> CroppedCandidates:
        """`found` and what the prompts at `points` of the grid give, in rounds."""
        prompts = point_grid_prompts(self.embedding.width, self.embedding.height, side)
        chosen = [prompts[index] for index in points.tolist()]
        for start in range(0, len(chosen), PROMPTS_PER_ROUND):
            batch = chosen[start : start + PROMPTS_PER_ROUND]
            new = decode_and_filter(
                self.segmenter, self.embedding, batch, self.pool, self.candidate_filter, self.progress.check
            )
            found = self._within_memory_limit(
                new if found is None else CroppedCandidates.concatenate([found, new])
            )
        if found is None:
            raise ValueError("expected at least one point, got none")
        return found

    def _reliable(self, found: CroppedCandidates) -> CroppedCandidates:
        """Masks that can be relied on, however low the caller's thresholds are."""
        least = self.segmenter.defaults
        good = (found.quality >= least.quality_threshold) & (found.stability >= least.stability_threshold)
        return found.take(np.flatnonzero(good))

    def _within_memory_limit(self, found: CroppedCandidates) -> CroppedCandidates:
        """At most HELD_BYTES; equal masks go at once, others only when they must: greedy choices want all."""
        found = found if self.candidate_filter.allow_duplicates else found.without_duplicates()
        return (
            found
            if found.nbytes <= MAX_CANDIDATE_BYTES
            else self.suppress(found).limit_bytes(MAX_CANDIDATE_BYTES)
        )

    def _report(self, done: int, decoded: int, total: int) -> None:
        message = f"{done} of {total} grid points, {decoded} decoded, {self.pool.workers} workers"
        self.progress.step("decode", done, total, message)
