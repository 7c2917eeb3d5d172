"""Decodes a grid of points in rounds, coarse to fine, and holds on to a bounded number of masks."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.masks import Embedding
from domain.ports.stores import Segmenter, WorkerPool
from services.masks.adaptive_grid import COARSEST, LAST_REACH, REACH, unexplained
from services.masks.candidates import Shortlist
from services.masks.filter import Filter, propose
from services.masks.geometry import grid_levels, grid_prompts, grid_shares
from services.masks.options import Grid
from services.progress import Progress

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
