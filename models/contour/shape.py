"""Where nodes lie and what form they have."""

import numpy as np
from numpy.typing import NDArray

from models.contour.tree import Tree

Columns = NDArray[np.float64]


def shape(tree: Tree) -> Columns:
    """Centre, box, how full the box is, how much of the frame the node touches, float64 [N, 8].

    Places and sizes are shares of the image.
    """
    height, width = tree.region.shape
    rows, columns = np.mgrid[:height, :width]
    places = np.stack([columns.ravel() / width, rows.ravel() / height], axis=1)
    frame = np.zeros((height, width))
    frame[[0, -1]] = frame[:, [0, -1]] = 1.0
    leaf = tree.region.ravel()
    values = (*places.T, frame.ravel())
    sums = tree.sums(np.stack([np.bincount(leaf, each, tree.leaves) for each in values], axis=1))
    low, high = (ends / [width, height] for ends in _boxes(tree))
    size = high - low + [1 / width, 1 / height]
    filled = tree.area / tree.region.size / (size[:, 0] * size[:, 1])
    touch = sums[:, 2] / np.sqrt(tree.area)
    aspect = np.log(size[:, 0] * width / (size[:, 1] * height))
    centre = sums[:, :2] / tree.area[:, None]
    inset = np.minimum(low, 1 - high - [1 / width, 1 / height]).min(axis=1)
    return np.column_stack([centre, size, filled, touch, aspect, inset])


def _boxes(tree: Tree) -> tuple[Columns, Columns]:
    """Least and greatest column and row of every node, each [N, 2]."""
    low, high = np.full((tree.leaves + 1, 2), np.inf), np.full((tree.leaves + 1, 2), -np.inf)
    for axis, region in enumerate((tree.region.T, tree.region)):
        leaf, place = region.ravel(), np.repeat(np.arange(len(region)), region.shape[1])
        # Of values assigned to one element the last stays: quicker by far than minimum.at.
        low[leaf[::-1], axis], high[leaf, axis] = place[::-1], place
    cuts = np.column_stack([tree.lo, tree.hi]).ravel()
    return np.minimum.reduceat(low, cuts)[::2], np.maximum.reduceat(high, cuts)[::2]
