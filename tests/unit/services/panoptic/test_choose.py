"""The choice over a nesting, against all subsets of small ones."""

import itertools

import numpy as np
import pytest

from services.masks.nesting import Nesting
from services.panoptic.choose import choose_regions
from services.panoptic.explain import Explanations
from tests.unit.services.analyze.shapes import block, region

ROOM, LEFT, RIGHT = (0, 0, 90, 60), (5, 5, 40, 50), (50, 5, 35, 50)
BOXES = [ROOM, LEFT, RIGHT, (10, 10, 10, 20), (25, 10, 10, 20), (60, 10, 15, 30)]
NESTING = Nesting.of([region(block(*box)) for box in BOXES])
INSIDE = NESTING.contained


def value(chosen: tuple[int, ...], explained: Explanations) -> float:
    """Return the sum of the gains, less what each takes from the next chosen one around it."""
    total = 0.0
    for index in chosen:
        total += explained.gains[index]
        around = [other for other in chosen if INSIDE[index, other]]
        if around:
            nearest = min(around, key=lambda other: NESTING.areas[other])
            if explained.labels[index] == explained.labels[nearest]:
                return -np.inf
            total -= explained.gains[nearest] * NESTING.areas[index] / NESTING.areas[nearest]
    return total


@pytest.mark.parametrize("seed", range(20))
def test_no_other_set_gains_more(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = len(BOXES)
    explained = Explanations(rng.integers(0, 2, count), rng.uniform(0.01, 1, count), np.zeros((count, 3)))
    subsets = itertools.chain.from_iterable(
        itertools.combinations(range(count), size) for size in range(count + 1)
    )
    best = max(value(subset, explained) for subset in subsets)
    assert value(tuple(choose_regions(NESTING, explained)), explained) == pytest.approx(best)


def test_of_two_that_cross_the_better_one_stays() -> None:
    crossing = Nesting.of([region(block(0, 0, 40, 40)), region(block(10, 0, 40, 40))])
    explained = Explanations(np.array([0, 1]), np.array([0.3, 0.4]), np.zeros((2, 3), np.float32))
    assert choose_regions(crossing, explained) == [1]


def test_regions_nest_deeper_than_the_interpreter_calls() -> None:
    count = 600
    areas = np.arange(2 * count, count, -1)
    nest = Nesting(areas, np.minimum(1.0, areas[None] / areas[:, None]))
    explained = Explanations(np.zeros(count, np.int64), np.linspace(0.1, 0.9, count), np.zeros((count, 3)))
    assert choose_regions(nest, explained) == [count - 1]


def test_nothing_is_chosen_without_a_gain() -> None:
    explained = Explanations(np.zeros(6, np.int64), np.zeros(6), np.zeros((6, 2), np.float32))
    assert choose_regions(NESTING, explained) == []
