"""Which region lies in which."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from domain.masks import Region
from services.masks.formats import coco_rle

MIN_PARENT_COVERAGE = 0.9
"""Share of a region that must lie in another for that one to be its parent; borders are never exact."""


def find_parents(regions: Sequence[Region]) -> list[int | None]:
    """For each region the smallest larger one that it lies in, by position; None for those in no other."""
    if not regions:
        return []
    inside = _coverage_matrix(regions) >= MIN_PARENT_COVERAGE
    areas = np.array([region.area for region in regions])
    # Of equally large ones the first counts as the larger: nothing becomes its own ancestor.
    order = np.argsort(-areas, kind="stable")
    place = np.empty(len(areas), np.int64)
    place[order] = np.arange(len(areas))
    larger = place[None] < place[:, None]
    return [_smallest(np.flatnonzero(row), place) for row in inside & larger]


def _smallest(candidates: NDArray[np.int64], place: NDArray[np.int64]) -> int | None:
    """The smallest candidate: it comes last when they are sorted from large to small."""
    return int(candidates[np.argmax(place[candidates])]) if len(candidates) else None


def _coverage_matrix(regions: Sequence[Region]) -> NDArray[np.float64]:
    """[i, j]: the share of region i that lies in region j."""
    codes = [coco_rle(region.rle) for region in regions]
    # With iscrowd pycocotools divides the intersection by the area of the first mask alone.
    coverage: NDArray[np.float64] = coco.iou(codes, codes, [1] * len(codes))
    return coverage
