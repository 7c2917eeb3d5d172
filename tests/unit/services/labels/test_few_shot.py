"""The few-shot head."""

import numpy as np
import pytest

from domain.arrays import Floats
from services.labels.few_shot import fit_few_shot_head

RNG_SEED = 7


def units(rows: Floats) -> Floats:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def clusters(count: int, names: int, width: int = 32) -> tuple[Floats, np.ndarray]:
    """Vectors around a centre for each name, and the names."""
    rng = np.random.default_rng(RNG_SEED)
    owner = np.repeat(np.arange(names), count)
    centres = rng.normal(size=(names, width))
    return units(centres[owner] + 0.6 * rng.normal(size=(len(owner), width))), owner


def says_nothing(count: int, names: int) -> Floats:
    """Text logits that prefer the reject class a little."""
    return np.concatenate([np.zeros((count, names)), np.ones((count, 1))], axis=1).astype(np.float32)


def test_examples_decide_where_texts_say_nothing() -> None:
    vectors, owner = clusters(8, 5)
    shown = np.arange(len(owner)) % 8 < 4
    head = fit_few_shot_head(says_nothing(shown.sum(), 5), vectors[shown], owner[shown])
    logits = says_nothing((~shown).sum(), 5)
    logits[:, :-1] += head.added_logits(vectors[~shown], 5)
    assert (logits.argmax(axis=1) == owner[~shown]).mean() > 0.95


def test_names_without_examples_get_exactly_nothing() -> None:
    vectors, owner = clusters(3, 2)
    head = fit_few_shot_head(says_nothing(6, 4), vectors, np.array([1, 3])[owner])
    assert head.columns.tolist() == [1, 3]
    added_logits = head.added_logits(vectors, 4)
    assert not added_logits[:, [0, 2]].any()
    assert added_logits[owner == 0, 1].min() > 0
    assert head.nbytes == head.weights.nbytes + head.columns.nbytes


def test_strangers_are_pushed_away_from_other_names() -> None:
    vectors, owner = clusters(6, 4)
    claimed = []
    for weight in (0.0, 0.2, 1.0):
        added_logits = fit_few_shot_head(
            says_nothing(24, 4), vectors, owner, negative_weight=weight
        ).added_logits(vectors, 4)
        added_logits[np.arange(24), owner] = -np.inf
        claimed.append(added_logits.max(axis=1).mean())
    assert claimed[0] > claimed[1] > claimed[2]


def test_right_texts_are_left_alone() -> None:
    vectors, owner = clusters(4, 3)
    sure = 30 * np.eye(4, dtype=np.float32)[owner]
    head = fit_few_shot_head(sure, vectors, owner, negative_weight=0.0)
    assert np.abs(head.added_logits(vectors, 3)).max() < 0.01


def test_it_is_the_same_for_the_same_examples_in_any_order() -> None:
    vectors, owner = clusters(5, 3)
    logits = says_nothing(15, 3)
    order = np.random.default_rng(0).permutation(15)
    one, other = (
        fit_few_shot_head(logits, vectors, owner),
        fit_few_shot_head(logits[order], vectors[order], owner[order]),
    )
    assert one.weights == pytest.approx(other.weights, abs=1e-3)
    again = fit_few_shot_head(logits, vectors, owner)
    assert (one.weights == again.weights).all()


def test_one_example_of_one_name() -> None:
    vectors, owner = clusters(1, 1)
    head = fit_few_shot_head(says_nothing(1, 1), vectors, owner)
    assert head.added_logits(vectors, 1)[0, 0] > 1
    alone = fit_few_shot_head(np.zeros((1, 1), np.float32), vectors, owner)
    assert np.isfinite(alone.weights).all()


def test_all_names_taught_and_no_reject_class() -> None:
    vectors, owner = clusters(4, 3)
    head = fit_few_shot_head(np.zeros((12, 3), np.float32), vectors, owner)
    assert (head.added_logits(vectors, 3).argmax(axis=1) == owner).all()


@pytest.mark.parametrize(
    ("logits", "vectors", "owner"),
    [((0, 3), (0, 8), 0), ((2, 3), (3, 8), 3), ((3, 3), (2, 8), 3)],
)
def test_what_does_not_belong_together(logits: tuple[int, int], vectors: tuple[int, int], owner: int) -> None:
    with pytest.raises(ValueError, match="expected"):
        fit_few_shot_head(
            np.zeros(logits, np.float32), np.zeros(vectors, np.float32), np.zeros(owner, np.int64)
        )
