"""Single things of a scene, and how many different ones there are among regions of one name."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from domain.arrays import Floats, Mask
from domain.masks import Region
from services.labels.views import small_mask

SAME = 0.5
"""Two regions of one name are the same thing where one lies in the other by this share."""


@dataclass(frozen=True)
class Thing:
    """One region with a name.

    Attributes:
        region: Where it is.
        confidence: Probability of its name, 0..1.
        depth: 0 is the nearest region of the scene, 1 the farthest; None where depth is not known.
    """

    region: Region
    confidence: float
    depth: float | None

    @cached_property
    def mask(self) -> Mask:
        """Where it is, bool [h, w] over the whole photograph at a low resolution; never empty."""
        return small_mask(self.region)


def joined_mask(things: Sequence[Thing]) -> Mask:
    """Where any of the things is, at least one, likewise."""
    joined: Mask = np.logical_or.reduce([one.mask for one in things])
    return joined


def distinct(things: Sequence[Thing]) -> list[Thing]:
    """Each thing once, the surest and largest first: of regions that lie in each other one stands for all."""
    order = sorted(things, key=lambda one: -one.confidence * one.region.area**0.5)
    inside = _shares_inside(order)
    kept: list[int] = []
    for index in range(len(order)):
        if all(max(inside[index, other], inside[other, index]) < SAME for other in kept):
            kept.append(index)
    return [order[index] for index in kept]


def _shares_inside(things: Sequence[Thing]) -> Floats:
    """[i, j]: the share of thing i that lies in thing j."""
    masks = np.stack([one.mask.ravel() for one in things]).astype(np.float32)
    shared = masks @ masks.T
    shares: Floats = shared / shared.diagonal()[:, None]
    return shares
