"""How far regions are, and which of them stand in front."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from domain.arrays import Mask
from domain.depth import DepthMap
from domain.masks import Region


@dataclass(frozen=True)
class RegionDepth:
    """Depth inside one region, in the unit of the depth map.

    Attributes:
        median: Half of its pixels are nearer.
        min: Least value.
        max: Largest value.
    """

    median: float
    min: float
    max: float


def region_depth(depth: DepthMap, region: Region, mask: Mask) -> RegionDepth:
    """Depth inside a region whose mask within its box is `mask`, bool [h, w]."""
    x, y, w, h = region.xywh
    values = depth.values[y : y + h, x : x + w][mask]
    return RegionDepth(float(np.median(values)), float(values.min()), float(values.max()))


def front_to_back(depth: DepthMap, depths: Sequence[RegionDepth]) -> list[int]:
    """The rank of each region by its median: 1 is the nearest; of equal ones the first comes first."""
    medians = np.array([one.median for one in depths])
    order = np.argsort(medians if depth.kind == "metric" else -medians, kind="stable")
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(1, len(order) + 1)
    return [int(rank) for rank in ranks]
