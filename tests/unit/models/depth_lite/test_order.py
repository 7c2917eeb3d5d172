"""The shipped depth network puts near before far."""

import numpy as np
import pytest
from skimage import data

from domain.arrays import Floats
from models.depth_lite.estimator import DepthLiteEstimator
from tests.unit.models.depth_lite.rendered import Ball, rendered

RED, GREEN, BLUE = (200, 50, 40), (50, 170, 70), (60, 80, 200)
SCENES = [
    [Ball(-0.3, 1.1, 0.2, RED), Ball(0.5, 2.3, 0.3, BLUE)],
    [Ball(0.0, 1.3, 0.3, GREEN)],
    [Ball(0.35, 1.0, 0.15, BLUE), Ball(-0.4, 1.6, 0.25, RED), Ball(0.1, 2.5, 0.4, GREEN)],
]


def agreement(values: Floats, truth: Floats) -> float:
    """Share of random pairs in the right order, of those that differ by a tenth of the range."""
    one, other = np.random.default_rng(0).integers(truth.size, size=(2, 5000))
    gap = truth.ravel()[one] - truth.ravel()[other]
    real = np.abs(gap) > 0.1 * np.ptp(truth)
    guess = values.ravel()[one] - values.ravel()[other]
    return float((np.sign(gap) == np.sign(guess))[real].mean())


@pytest.mark.parametrize("balls", SCENES, ids=["two", "one", "three"])
def test_a_rendered_scene_is_in_order(depth: DepthLiteEstimator, balls: list[Ball]) -> None:
    rgb, truth = rendered(balls)
    assert agreement(depth.estimate(rgb).values, truth) > 0.9


def test_a_ball_is_nearer_than_the_wall_beside_its_top(depth: DepthLiteEstimator) -> None:
    ball = Ball(0.0, 1.2, 0.3, RED)
    with_ball, truth = rendered([ball])
    values = depth.estimate(with_ball).values
    _, empty = rendered([])
    rows, columns = np.nonzero(truth > empty + 1e-3)
    row = rows.min() + (rows.max() - rows.min()) // 4
    inside = columns[rows == row]
    beside = np.r_[inside.min() - 40 : inside.min() - 15, inside.max() + 15 : inside.max() + 40]
    assert values[row, inside[3:-3]].mean() > values[row, beside].mean()


def test_the_nearer_of_two_balls_is_nearer(depth: DepthLiteEstimator) -> None:
    rgb, truth = rendered(SCENES[0])
    values = depth.estimate(rgb).values
    _, empty = rendered([])
    on_ball = truth > empty + 1e-3
    near, far = on_ball.copy(), on_ball.copy()
    near[:, 160:] = False
    far[:, :160] = False
    assert values[near].mean() > values[far].mean()


@pytest.mark.parametrize(
    ("name", "thing", "behind"),
    [
        ("astronaut", np.s_[300:480, 150:330], np.s_[20:200, 330:420]),
        ("coffee", np.s_[150:280, 220:380], np.s_[5:60, 420:580]),
    ],
)
def test_a_thing_in_a_photograph_is_nearer_than_what_is_behind(
    depth: DepthLiteEstimator, name: str, thing: tuple[slice, slice], behind: tuple[slice, slice]
) -> None:
    values = depth.estimate(getattr(data, name)()).values
    assert np.median(values[thing]) > np.median(values[behind])
