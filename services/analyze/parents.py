"""Find the parent of each region: the smallest region that contains it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from domain.masks import Region
from services.masks.formats import coco_rle

MIN_PARENT_COVERAGE = 0.9
"""Fraction of a region that must lie in another one for that to be its parent; borders are inexact."""


def find_parents(regions: Sequence[Region]) -> list[int | None]:
    """Return for each region the index of the smallest larger region that contains it, or None."""
    if not regions:
        return []
    inside = _coverage_matrix(regions) >= MIN_PARENT_COVERAGE
    areas = np.array([region.area for region in regions])
    # Of equally large regions the first counts as larger, so that no region becomes its own ancestor.
    order = np.argsort(-areas, kind="stable")
    rank = np.empty(len(areas), np.int64)
    rank[order] = np.arange(len(areas))
    larger = rank[None] < rank[:, None]
    return [_smallest(np.flatnonzero(row), rank) for row in inside & larger]


def _smallest(candidates: NDArray[np.int64], rank: NDArray[np.int64]) -> int | None:
    """Return the smallest candidate, whose rank is the highest, since rank 0 is the largest region."""
    return int(candidates[np.argmax(rank[candidates])]) if len(candidates) else None


def _coverage_matrix(regions: Sequence[Region]) -> NDArray[np.float64]:
    """Return float64 [N, N] whose element [i, j] is the fraction of region i that lies in region j."""
    codes = [coco_rle(region.rle) for region in regions]
    # With iscrowd pycocotools divides the intersection by the area of the first mask alone.
    coverage: NDArray[np.float64] = coco.iou(codes, codes, [1] * len(codes))
    return coverage
