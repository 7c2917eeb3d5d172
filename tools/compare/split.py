"""Splits photographs into those to learn from and those to be asked about, class by class."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.compare.classifier import Targets

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Split:
    """Rows of the examples.

    Attributes:
        train: To learn from; those of each class in random order, so that the first k are a draw of k.
        test: To be asked about.
    """

    train: Rows
    test: Rows


def stratified(targets: Targets, test_share: float, seed: int) -> Split:
    """A random split with the same share of every class in `test`, and at least one of it on either side.

    The order of a class depends on the seed and on that class alone.

    Args:
        targets: int64 [N]; every class has at least two examples.
        test_share: 0..1.
        seed: Of the draw.
    """
    train, test = [], []
    for target in np.unique(targets):
        rows = np.random.default_rng((seed, int(target))).permutation(np.flatnonzero(targets == target))
        count = min(max(1, round(test_share * len(rows))), len(rows) - 1)
        test.append(rows[:count])
        train.append(rows[count:])
    return Split(np.concatenate(train), np.sort(np.concatenate(test)))


def first_of_each(targets: Targets, count: int) -> Rows:
    """Rows of the first `count` examples of every class, or of all where there are fewer."""
    return np.concatenate([np.flatnonzero(targets == target)[:count] for target in np.unique(targets)])


def held_out(classes: int, share: float, seed: int) -> Rows:
    """A share of the classes at random, sorted: none where fewer than two would be left."""
    count = min(round(share * classes), classes - 2)
    if count <= 0:
        return np.zeros(0, np.int64)
    return np.sort(np.random.default_rng(seed).permutation(classes)[:count])
