"""One split for all: stratified, seeded, nested."""

import numpy as np
import pytest

from tools.compare.examples import first_per_class, held_out_classes, stratified_split

TARGETS = np.repeat([0, 1, 2], [10, 2, 5])


def test_every_example_is_on_one_side() -> None:
    split = stratified_split(TARGETS, 0.3, seed=0)
    assert sorted([*split.train, *split.test]) == list(range(17))


@pytest.mark.parametrize(("share", "test"), [(0.3, [3, 1, 2]), (0.01, [1, 1, 1]), (0.99, [9, 1, 4])])
def test_each_class_has_its_share_and_at_least_one_on_either_side(share: float, test: list[int]) -> None:
    split = stratified_split(TARGETS, share, seed=0)
    assert np.bincount(TARGETS[split.test]).tolist() == test
    assert np.bincount(TARGETS[split.train]).min() >= 1


def test_the_seed_decides() -> None:
    first, again, other = (stratified_split(TARGETS, 0.3, seed).test.tolist() for seed in (1, 1, 2))
    assert first == again != other


def test_a_class_does_not_depend_on_the_others() -> None:
    alone = stratified_split(TARGETS[:10], 0.3, seed=4).test
    assert alone.tolist() == [row for row in stratified_split(TARGETS, 0.3, seed=4).test if row < 10]


def test_few_shots_are_the_beginning_of_many() -> None:
    targets = TARGETS[stratified_split(TARGETS, 0.3, seed=0).train]
    one, four = first_per_class(targets, 1), first_per_class(targets, 4)
    assert set(one) <= set(four)
    assert np.bincount(targets[one]).tolist() == [1, 1, 1]
    assert np.bincount(targets[four]).tolist() == [4, 1, 3]


@pytest.mark.parametrize(
    ("classes", "share", "count"), [(10, 0.2, 2), (10, 0.0, 0), (3, 0.3, 1), (2, 0.5, 0), (5, 0.9, 3)]
)
def test_two_classes_are_always_left(classes: int, share: float, count: int) -> None:
    rows = held_out_classes(classes, share, seed=0)
    assert len(set(rows.tolist())) == count
    assert all(0 <= row < classes for row in rows)
