"""Finds everything in an image with a grid of point prompts, as SAM's automatic mask generator does.

The grid is `build_point_grid(points_per_side)` of SAM (Kirillov et al., 2023). An adaptive grid decodes it in
levels from coarse to fine and skips points inside masks that were found already, see
docs/decisions/0007-everything-mode.md.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.batches import batched
from domain.masks import Embedding, Prompt
from domain.models import SegmenterDefaults
from domain.ports.compute import Decoder, WorkerPool
from services.masks.candidates import CroppedCandidates, mask_areas, masks_contain_points, packed_pixels
from services.masks.filter import CandidateFilter, decode_and_filter
from services.masks.nms import SelectCandidates
from services.masks.options import PointGrid
from services.progress import Progress

COARSEST_POINTS_PER_SIDE = 8
"""Least number of points a side in the first level of an adaptive grid; sparser levels lose objects."""

MAX_COVERING_MASK_CELLS = 4.0
"""Area up to which a good mask covers the points inside it, so that they are skipped.

Its unit is a cell, the part of the image for each point once the level is decoded. A larger mask may hold
smaller objects that no point has hit yet.
"""

LAST_LEVEL_MAX_COVERING_MASK_CELLS = 128.0
"""The same area in the last level, where all neighbours of a point are decoded.

An object that they missed is smaller than two cells. Both areas were chosen on COCO photographs.
"""

ANCHOR_INDEX = 5
"""Row and column of a point that all levels have: near the middle of its cell at every power of 2."""

ANCHOR_COARSENESS = 100
"""Coarseness of that point, above that of all others."""

PROMPTS_PER_ROUND = 256
"""Number of prompts that are decoded before the memory of the candidates is limited."""

MAX_CANDIDATE_BYTES = 256 * 2**20
"""Memory of the candidates above which duplicates are suppressed early, and then the worst are dropped."""


@dataclass(frozen=True)
class GridMaskGenerator:
    """Generates the masks of one image from a grid. The result does not depend on the number of workers.

    Attributes:
        decoder: Decodes batches of prompts.
        defaults: Thresholds and batch size of the segmenter.
        embedding: The encoded image.
        pool: Filters the candidates of batches.
        candidate_filter: Thresholds on candidates.
        suppress: Drops candidates that would not be answered, when more than MAX_CANDIDATE_BYTES are held.
        progress: Receives every round; a point is done when it is decoded or skipped.
    """

    decoder: Decoder
    defaults: SegmenterDefaults
    embedding: Embedding
    pool: WorkerPool
    candidate_filter: CandidateFilter
    suppress: SelectCandidates
    progress: Progress

    def generate(self, grid: PointGrid) -> tuple[CroppedCandidates, int]:
        """Return the candidates that pass the filter, and the number of prompts that were decoded."""
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
        """Decode the prompts at `points` of the grid in rounds, and append their candidates to `found`."""
        prompts = point_grid_prompts(self.embedding.width, self.embedding.height, side)
        for round_prompts in batched((prompts[index] for index in points.tolist()), PROMPTS_PER_ROUND):
            new = decode_and_filter(
                self.decoder,
                self.embedding,
                batched(round_prompts, self.defaults.prompts_per_batch),
                self.pool,
                self.candidate_filter,
                self.progress.check,
            )
            found = self._within_memory_limit(
                new if found is None else CroppedCandidates.concatenate([found, new])
            )
        if found is None:
            raise ValueError("expected at least one point, got none")
        return found

    def _reliable(self, found: CroppedCandidates) -> CroppedCandidates:
        """Return the candidates above the segmenter's own thresholds, however low those of the caller are."""
        least = self.defaults
        good = (found.quality >= least.quality_threshold) & (found.stability >= least.stability_threshold)
        return found.take(np.flatnonzero(good))

    def _within_memory_limit(self, found: CroppedCandidates) -> CroppedCandidates:
        """Limit the candidates to MAX_CANDIDATE_BYTES.

        Equal masks are dropped at once, others only when they must: the final selection is greedy over all.
        """
        found = found if self.candidate_filter.allow_duplicates else found.without_duplicates()
        if found.nbytes <= MAX_CANDIDATE_BYTES:
            return found
        return self.suppress(found).limit_bytes(MAX_CANDIDATE_BYTES)

    def _report(self, done: int, decoded: int, total: int) -> None:
        message = f"{done} of {total} grid points, {decoded} decoded, {self.pool.workers} workers"
        self.progress.step("decode", done, total, message)


def uncovered_points(
    good: CroppedCandidates, points: NDArray[np.float64], max_area: float
) -> NDArray[np.bool_]:
    """Return which points lie in none of the masks and still have to be decoded, bool [P].

    Args:
        good: The reliable masks found so far.
        points: Points float64 [P, 2], x and y as fractions of width and height.
        max_area: Area, as a fraction of the image, above which a mask does not cover its points.
    """
    area = mask_areas(good.bits) / packed_pixels(good.frame)
    inside = masks_contain_points(good.bits[area <= max_area], good.frame, points)
    uncovered: NDArray[np.bool_] = np.count_nonzero(inside, axis=0) == 0
    return uncovered


def build_point_grid(points_per_side: int) -> NDArray[np.float64]:
    """Return a regular grid of points, each in the middle of its cell, row by row.

    Returns:
        float64 [points_per_side ** 2, 2], x and y as fractions of width and height.
    """
    steps = (np.arange(points_per_side) + 0.5) / points_per_side
    return np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)


def point_grid_prompts(width: int, height: int, points_per_side: int) -> list[Prompt]:
    """Return a prompt for each point of the grid, in pixels of an image of `width` x `height`."""
    return [Prompt.point(x * width, y * height) for x, y in build_point_grid(points_per_side).tolist()]


def point_grid_levels(points_per_side: int, coarsest: int) -> list[NDArray[np.int64]]:
    """Split the points of a grid into levels, coarse to fine; each level halves the area of the cells.

    The first level has every k-th point of every k-th row, the second the middles of the squares between
    those, the third the middles of their sides, and so on with half of k. k is the largest power of 2 that
    leaves `coarsest` points a side.

    Returns:
        Positions in the grid for each level, int64 [N], ascending; together they have each position once.
    """
    coarseness = np.array(
        [_point_coarseness(*divmod(index, points_per_side)) for index in range(points_per_side**2)]
    )
    doublings = max(points_per_side // coarsest, 1).bit_length() - 1
    coarseness = np.minimum(coarseness, 2 * doublings)
    return [np.flatnonzero(coarseness == value) for value in np.unique(coarseness)[::-1]]


def _point_coarseness(row: int, column: int) -> int:
    """Return the number of levels before the full grid at which the point appears."""
    down, right = row - ANCHOR_INDEX, column - ANCHOR_INDEX
    step = (down | right) & -(down | right)
    if step == 0:
        return ANCHOR_COARSENESS
    return 2 * (step.bit_length() - 1) + bool(down & right & step)
