"""Estimates of damage, on photographs damaged by known amounts."""

import cv2
import numpy as np
import pytest
from skimage import data

from domain.arrays import Rgb
from services.classify.damage import ImageQuality, assess_damage, measure_damage
from tools.benchmarks.damage import blurred, compressed, darkened, noisy

PHOTOGRAPHS = ("astronaut", "chelsea", "coffee")


@pytest.fixture(params=PHOTOGRAPHS)
def sharp(request: pytest.FixtureRequest) -> Rgb:
    """A photograph of 256 pixels a side, sharp at that size."""
    rgb = getattr(data, request.param)()[:300, 100:400]
    return np.asarray(cv2.resize(rgb, (256, 256), interpolation=cv2.INTER_AREA), np.uint8)


@pytest.mark.parametrize("sigma", [1.0, 2.0, 3.0, 4.0, 6.0])
def test_blur_adds_to_what_was_there(sharp: Rgb, sigma: float) -> None:
    before, after = measure_damage(sharp).blur, measure_damage(blurred(sharp, sigma)).blur
    assert before < 1.2
    assert after == pytest.approx(np.hypot(before, sigma), rel=0.2)


@pytest.mark.parametrize("sigma", [10.0, 20.0, 40.0])
def test_noise(sharp: Rgb, sigma: float) -> None:
    grey = cv2.cvtColor(
        np.repeat(sharp.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8), cv2.COLOR_RGB2GRAY
    )
    rng = np.random.default_rng(0)
    one = np.clip(np.clip(grey, 60, 190) + rng.normal(0, sigma, grey.shape), 0, 255).astype(np.uint8)
    assert measure_damage(np.repeat(one[..., None], 3, axis=2)).noise == pytest.approx(sigma, rel=0.25)


def test_blocks_and_darkness(sharp: Rgb) -> None:
    clean = measure_damage(sharp)
    blocks = [measure_damage(compressed(sharp, quality)).blocks for quality in (30, 10, 5)]
    assert 0.9 < clean.blocks < 1.15 < blocks[0] < blocks[1] < blocks[2]
    assert measure_damage(darkened(sharp, 1 / 16)).brightest < 80 < 145 < clean.brightest


@pytest.mark.parametrize("rgb", [np.zeros((16, 16, 3), np.uint8), np.full((300, 2000, 3), 77, np.uint8)])
def test_nothing_to_judge_by(rgb: Rgb) -> None:
    found = assess_damage(rgb)
    assert found.quality == ImageQuality(blur=0.0, noise=0.0)
    assert found.damage.blocks == pytest.approx(0, abs=1.1)


@pytest.mark.parametrize("name", PHOTOGRAPHS)
@pytest.mark.parametrize("sigma", [0.0, 2.0, 4.0, 8.0, 12.0])
def test_a_large_photograph_is_told_in_its_own_pixels(name: str, sigma: float) -> None:
    rgb = getattr(data, name)()
    large = np.asarray(cv2.resize(rgb, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC), np.uint8)
    before = assess_damage(large).quality.blur
    assert before < 5  # an enlargement is about three times as soft
    assert assess_damage(blurred(large, sigma)).quality.blur == pytest.approx(
        np.hypot(before, sigma), rel=0.25
    )


def test_noise_is_that_of_the_photograph_and_not_of_the_small_picture() -> None:
    found = assess_damage(noisy(np.full((1200, 1600, 3), 128, np.uint8), 20))
    assert found.quality.noise == pytest.approx(20 * 0.67, rel=0.1)
    assert found.damage.noise < found.quality.noise / 3
