"""Measures which regions of an image lie in each other."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from domain.arrays import Mask
from domain.masks import Region
from services.masks.formats import coco_rle

MIN_PARENT_COVERAGE = 0.9
"""Fraction of a region that must lie in a larger one to be contained in it; borders are inexact."""


@dataclass(frozen=True)
class Nesting:
    """Overlaps of N regions.

    Attributes:
        areas: int64 [N], pixels of each region.
        coverage: float64 [N, N], whose element [i, j] is the fraction of region i that lies in region j.
    """

    areas: NDArray[np.int64]
    coverage: NDArray[np.float64]

    @classmethod
    def of(cls, regions: Sequence[Region]) -> "Nesting":
        """Measure the overlaps of regions of one image, exactly."""
        areas = np.array([region.area for region in regions], np.int64)
        if not regions:
            return cls(areas, np.zeros((0, 0)))
        codes = [coco_rle(region.rle) for region in regions]
        # With iscrowd pycocotools divides the intersection by the area of the first mask alone.
        return cls(areas, coco.iou(codes, codes, [1] * len(codes)))

    def take(self, index: Sequence[int]) -> "Nesting":
        """Return the overlaps of the regions at `index`, in its order."""
        return Nesting(self.areas[index], self.coverage[np.ix_(index, index)])

    @property
    def contained(self) -> Mask:
        """Bool [N, N], true at [i, j] where region i lies in the larger region j.

        Of equally large regions the first counts as larger, so that no region contains itself in a circle.
        """
        order = np.argsort(-self.areas, kind="stable")
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        found: Mask = (self.coverage >= MIN_PARENT_COVERAGE) & (rank[None] < rank[:, None])
        return found

    @property
    def ious(self) -> NDArray[np.float64]:
        """float64 [N, N], intersection over union of each pair."""
        intersection = self.coverage * self.areas[:, None]
        unions: NDArray[np.float64] = self.areas[:, None] + self.areas[None] - intersection
        return intersection / unions

    @property
    def parents(self) -> list[int | None]:
        """Index of the smallest larger region that contains each region, or None."""
        smallest_last = np.argsort(-self.areas, kind="stable")
        inside = self.contained[:, smallest_last]
        return [int(smallest_last[np.flatnonzero(row)[-1]]) if row.any() else None for row in inside]
