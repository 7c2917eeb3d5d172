"""Numbers that tell how likely each leaf belongs to the object in a box."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats
from models.contour.affinity import affinity
from models.contour.box_nodes import around
from models.contour.descriptors import GROUPS
from models.contour.features import NAMES, column
from models.contour.frame import Window
from models.contour.scored import ScoredTree

Columns = NDArray[np.float64]
Leaves = NDArray[np.int64]

COLOUR_SPREAD = 18.0
"""Distance in Lab, as OpenCV scales it, over which colours stop being alike."""

LEAST_INSIDE = 0.1
"""Leaves with a smaller share inside the box are taken for surroundings."""

AROUND = 0.25
"""Surroundings reach this share of the box's sides out."""


@dataclass(frozen=True)
class Boxed:
    """Leaves that a box meets.

    Attributes:
        leaves: int64 [K].
        rows: float32 [K, F], features.
    """

    leaves: Leaves
    rows: Floats


def boxed(scored: ScoredTree, window: Window) -> Boxed:
    """The leaves at least LEAST_INSIDE inside the box with their features; all it meets if there are none."""
    tree = scored.tree
    inside = np.bincount(tree.region[window].ravel(), minlength=tree.leaves)
    share = inside / tree.area[: tree.leaves]
    leaves = np.flatnonzero(share >= min(LEAST_INSIDE, share.max()))
    core = _core(tree.region, window, tree.leaves)
    ring = np.bincount(tree.region[_grown(window)].ravel(), minlength=tree.leaves) - inside
    rows = np.hstack(
        [
            _places(scored, window, leaves, inside),
            around(scored, inside, leaves),
            _alike(scored, core, ring, leaves),
            scored.features[leaves][:, [NAMES.index(name) for name in OWN]],
        ]
    )
    return Boxed(leaves, rows.astype(np.float32))


OWN = (
    "background",
    "group",
    "edge",
    "border",
    "outline",
    "altitude",
    "above",
    "frame",
    "vector_step",
    "colour_step",
)


def _places(scored: ScoredTree, window: Window, leaves: Leaves, inside: NDArray[np.int64]) -> Columns:
    """Share inside, size, place in the box, and how much of the leaf lies along the box's sides."""
    tree = scored.tree
    region = tree.region[window]
    height, width = region.shape
    sides = (region[0], region[-1], region[:, 0], region[:, -1])
    touch = np.bincount(np.concatenate(sides), minlength=tree.leaves)[leaves] / np.sqrt(tree.area[leaves])
    x = (column(scored.features, "x")[leaves] * tree.region.shape[1] - window[1].start) / width
    y = (column(scored.features, "y")[leaves] * tree.region.shape[0] - window[0].start) / height
    share = inside[leaves] / tree.area[leaves]
    size = np.log(inside[leaves] / region.size)
    box = np.tile([np.log(region.size / tree.region.size), np.log(width / height)], (len(leaves), 1))
    return np.column_stack([share, size, np.abs(x - 0.5), np.abs(y - 0.5), y, touch, box])


def _core(region: NDArray[np.int32], window: Window, count: int) -> NDArray[np.float64]:
    """Weight of every leaf in the middle of the box, float64 [leaves], sums to 1."""
    rows, columns = (np.linspace(-1, 1, side.stop - side.start + 2)[1:-1] for side in window)
    weight = np.exp(-2 * (rows[:, None] ** 2 + columns[None] ** 2))
    sums = np.bincount(region[window].ravel(), weight.ravel(), count)
    return np.asarray(sums / sums.sum())


def _alike(scored: ScoredTree, core: NDArray[np.float64], ring: NDArray[np.int64], leaves: Leaves) -> Columns:
    """How much each leaf is like the middle of the box and like its surroundings: vector, colour, groups."""
    around = ring / max(ring.sum(), 1)
    colours = np.column_stack([column(scored.features, name)[: len(core)] for name in ("light", "a", "b")])
    apart = ((colours[:, None] - colours[leaves][None]) ** 2).sum(axis=2)
    kernels = (affinity(scored.descriptors, leaves), np.exp(-apart / (2 * COLOUR_SPREAD**2)))
    pairs = [weight @ kernel for kernel in kernels for weight in (core, around)]
    most = (kernels[0] * (ring > 0)[:, None]).max(axis=0)
    groups = scored.descriptors[:, :GROUPS].astype(np.float64)
    middle = core @ groups
    named = 1 + int(np.argmax(middle[1:] - 0.5 * (around @ groups)[1:]))
    told = np.tile([middle[named], middle[0], (around @ groups)[named]], (len(leaves), 1))
    return np.column_stack([*pairs, most, groups[leaves, named], told])


def _grown(window: Window) -> Window:
    rows, columns = (
        slice(max(0, side.start - margin), side.stop + margin)
        for side in window
        for margin in [max(2, round(AROUND * (side.stop - side.start)))]
    )
    return rows, columns
