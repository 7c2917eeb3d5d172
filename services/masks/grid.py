"""Grids of points over an image, whole and in levels from coarse to fine."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.masks import Embedding, Prompt
from domain.ports.compute import WorkerPool
from domain.ports.models import Segmenter
from services.masks.candidates import Shortlist, counts, holds, thinned_pixels
from services.masks.filter import Filter, propose
from services.masks.options import Grid
from services.progress import Progress

ANCHOR = 5
"""Row and column of a point that all levels have: near the middle of its cell at every power of 2."""

ENDLESS = 100


def grid_shares(points_per_side: int) -> NDArray[np.float64]:
    """A regular grid of points, each in the middle of its cell, row by row.

    The grid of SAM's automatic mask generator (Kirillov et al., 2023).

    Returns:
        float64 [points_per_side ** 2, 2], x and y as shares of width and height.
    """
    steps = (np.arange(points_per_side) + 0.5) / points_per_side
    return np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)


def grid_prompts(width: int, height: int, points_per_side: int) -> list[Prompt]:
    """A prompt for each point of the grid, in pixels of the image."""
    return [Prompt.point(x * width, y * height) for x, y in grid_shares(points_per_side).tolist()]


def grid_levels(points_per_side: int, coarsest: int) -> list[NDArray[np.int64]]:
    """The points of the grid by level, coarse to fine: each level halves the cell that a point stands for.

    First every k-th point of every k-th row, then the middles of the squares between those, then the middles
    of their sides, and so on with half of k. k is the largest power of 2 that leaves `coarsest` points
    a side.

    Returns:
        For each level int64 [N], positions in the grid, ascending; together each position once.
    """
    rank = np.array([_coarseness(*divmod(index, points_per_side)) for index in range(points_per_side**2)])
    doublings = max(points_per_side // coarsest, 1).bit_length() - 1
    rank = np.minimum(rank, 2 * doublings)
    return [np.flatnonzero(rank == value) for value in np.unique(rank)[::-1]]


def _coarseness(row: int, column: int) -> int:
    """How many halvings of the cell before the full grid this point comes in already."""
    down, right = row - ANCHOR, column - ANCHOR
    step = (down | right) & -(down | right)
    if step == 0:
        return ENDLESS
    return 2 * (step.bit_length() - 1) + bool(down & right & step)


COARSEST = 8
"""Points a side that are always decoded, at least; sparser levels lose objects."""

REACH = 4.0
"""A good mask explains the points inside it if it is at most this many cells large, a cell being the part
of the image that a point stands for once its level is decoded. A larger mask may well hold something smaller
that no point has hit yet, so the points inside it are decoded.
"""

LAST_REACH = 128.0
"""The same in the last level, where all neighbours of a point are known: what they missed is smaller than two
cells. Both were chosen on COCO photographs, see docs/decisions/0007-everything-mode.md.
"""


def unexplained(good: Shortlist, shares: NDArray[np.float64], largest: float) -> NDArray[np.bool_]:
    """Which points still have to be decoded, bool [P].

    Args:
        good: The masks found so far that can be relied on.
        shares: The points, float64 [P, 2], x and y as shares of width and height.
        largest: Masks above this share of the image explain nothing.
    """
    area = counts(good.bits) / thinned_pixels(good.frame)
    inside = holds(good.bits[area <= largest], good.frame, shares)
    unknown: NDArray[np.bool_] = np.count_nonzero(inside, axis=0) == 0
    return unknown


ROUND = 256
"""Most prompts decoded before what is held is bounded."""

HELD_BYTES = 256 * 2**20
"""Held masks beyond it are thinned before the end, and the worst go if that is not enough."""

Thin = Callable[[Shortlist], Shortlist]
"""Removes what would not be in the answer; best quality first."""


@dataclass(frozen=True)
class GridSearch:
    """Searches one image with a grid. The answer does not depend on the number of workers.

    Attributes:
        segmenter: Decodes.
        embedding: The image.
        pool: Runs batches of prompts.
        keep: What candidates must reach.
        thin: Called when more than HELD_BYTES are held.
        progress: Hears of every round; a point is done when it is decoded or skipped.
    """

    segmenter: Segmenter
    embedding: Embedding
    pool: WorkerPool
    keep: Filter
    thin: Thin
    progress: Progress

    def run(self, grid: Grid) -> tuple[Shortlist, int]:
        """What was found, and how many prompts were decoded for it."""
        side = grid.points_per_side
        levels = grid_levels(side, COARSEST) if grid.adaptive else [np.arange(side**2)]
        self._report(0, 0, side**2)
        found, done, decoded = self._decode(levels[0], side), len(levels[0]), len(levels[0])
        for level in levels[1:]:
            self._report(done, decoded, side**2)
            done += len(level)
            reach = LAST_REACH if done == side**2 else REACH
            points = level[unexplained(self._good(found), grid_shares(side)[level], reach / done)]
            found, decoded = self._decode(points, side, found), decoded + len(points)
        self._report(done, decoded, side**2)
        return found, decoded

    def _decode(self, points: NDArray[np.int64], side: int, found: Shortlist | None = None) -> Shortlist:
        """`found` and what the prompts at `points` of the grid give, in rounds."""
        prompts = grid_prompts(self.embedding.width, self.embedding.height, side)
        chosen = [prompts[index] for index in points.tolist()]
        for start in range(0, len(chosen), ROUND):
            batch = chosen[start : start + ROUND]
            new = propose(self.segmenter, self.embedding, batch, self.pool, self.keep, self.progress.check)
            found = self._bounded(new if found is None else Shortlist.concatenate([found, new]))
        if found is None:
            raise ValueError("expected at least one point, got none")
        return found

    def _good(self, found: Shortlist) -> Shortlist:
        """Masks that can be relied on, however low the caller's thresholds are."""
        least = self.segmenter.defaults
        good = (found.quality >= least.quality_threshold) & (found.stability >= least.stability_threshold)
        return found.take(np.flatnonzero(good))

    def _bounded(self, found: Shortlist) -> Shortlist:
        """At most HELD_BYTES; equal masks go at once, others only when they must: greedy choices want all."""
        found = found if self.keep.repeats else found.without_repeats()
        return found if found.nbytes <= HELD_BYTES else self.thin(found).within(HELD_BYTES)

    def _report(self, done: int, decoded: int, total: int) -> None:
        message = f"{done} of {total} grid points, {decoded} decoded, {self.pool.workers} workers"
        self.progress.step("decode", done, total, message)
