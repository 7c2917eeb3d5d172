"""Which views are shown for which damage, and that each filter brings its picture nearer to what it was."""

import cv2
import numpy as np
import pytest
from skimage import data

from domain.arrays import Rgb
from services.classify.restore import brighten, denoise, gaussian_blur, restore_views, wiener_deconvolve
from tools.benchmarks.damage import blurred, compressed, darkened, noisy, scaled


@pytest.fixture
def sharp() -> Rgb:
    return scaled(data.astronaut(), 256)


def error(one: Rgb, other: Rgb) -> float:
    return float(np.sqrt(np.mean((one.astype(float) - other) ** 2)))


def test_what_is_not_damaged_is_shown_as_it_is(sharp: Rgb) -> None:
    (only,) = restore_views(sharp).images
    assert only is sharp
    large = data.astronaut()
    assert restore_views(large).images == [large]


def test_damage_adds_views_to_the_photograph(sharp: Rgb) -> None:
    for damaged in (blurred(sharp, 3), noisy(sharp, 20), compressed(sharp, 10)):
        views = restore_views(damaged).images
        assert len(views) == 3
        assert views[0] is damaged
        assert all(view.dtype == np.uint8 and view.shape == damaged.shape for view in views)


@pytest.mark.parametrize("sigma", [4, 8])
def test_a_soft_photograph_in_a_good_file_is_sharpened_and_not_smoothed(sharp: Rgb, sigma: float) -> None:
    soft = blurred(sharp, sigma)
    _, *views = restore_views(compressed(soft, 75)).images
    assert all(contrast(view) > 1.1 * contrast(soft) for view in views)


def contrast(rgb: Rgb) -> float:
    return float(np.abs(np.diff(rgb.astype(float), axis=1)).mean())


def test_a_dark_photograph_is_shown_brightened(sharp: Rgb) -> None:
    views = restore_views(darkened(sharp, 1 / 16)).images
    assert np.quantile(views[0], 0.98) > 200
    assert len(views) > 1  # brightening brings its noise out


def test_the_views_of_a_picture_are_the_same_every_time(sharp: Rgb) -> None:
    damaged = noisy(blurred(sharp, 2), 20)
    first, again = restore_views(damaged), restore_views(damaged)
    assert first.quality == again.quality
    assert all(np.array_equal(*pair) for pair in zip(first.images, again.images, strict=True))


@pytest.mark.parametrize("shape", [(16, 16), (16, 700), (5000, 20), (1, 40), (2, 2)])
def test_odd_shapes(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    for rgb in (rng.integers(0, 256, (*shape, 3), np.uint8), np.zeros((*shape, 3), np.uint8)):
        for damaged in (rgb, blurred(rgb, 5)):
            assert all(0 not in view.shape for view in restore_views(damaged).images)


def test_filters_bring_a_picture_nearer_to_what_it_was(sharp: Rgb) -> None:
    soft, grainy, dark = blurred(sharp, 2), noisy(sharp, 20), darkened(sharp, 1 / 4)
    assert error(wiener_deconvolve(soft, 1.6, 0.03), sharp) < 0.85 * error(soft, sharp)
    assert error(denoise(grainy, 20), sharp) < 0.75 * error(grainy, sharp)
    assert error(gaussian_blur(grainy, 1.0), sharp) < error(grainy, sharp)
    bright = brighten(dark, float(np.quantile(dark.max(axis=2), 0.98)))
    assert error(bright, sharp) < 0.2 * error(dark, sharp)


def test_deconvolution_keeps_the_brightness(sharp: Rgb) -> None:
    flat = np.full((40, 60, 3), 90, np.uint8)
    assert np.abs(wiener_deconvolve(flat, 3, 0.03).astype(int) - 90).max() <= 4
    assert cv2.mean(wiener_deconvolve(sharp, 2, 0.03))[0] == pytest.approx(cv2.mean(sharp)[0], rel=0.05)
