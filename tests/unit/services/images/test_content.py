"""Colours, gradients and noise show nothing; whatever stands out from them does."""

from collections.abc import Callable
from itertools import product
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage import data

from config.settings import ROOT
from domain.arrays import Rgb
from services.images.content import shows_nothing
from services.images.decode import decode_image
from tests.blank_pictures import BLANK_PICTURES, as_jpeg

SIZES = [(320, 240), (640, 480), (1600, 1200)]


@pytest.mark.parametrize(("name", "size"), [*product(BLANK_PICTURES, SIZES)])
@pytest.mark.parametrize("quality", [None, 90, 30])
def test_nothing_is_told_as_nothing(name: str, size: tuple[int, int], quality: int | None) -> None:
    rgb = BLANK_PICTURES[name](*size)
    assert shows_nothing(rgb if quality is None else as_jpeg(rgb, quality))


SMALL = [
    name
    for name in BLANK_PICTURES
    if "noise" not in name and "radial" not in name and "red frame" not in name
]


@pytest.mark.parametrize(("name", "size"), [*product(SMALL, [(16, 16), (64, 48), (16, 900)])])
def test_small_pictures_of_nothing(name: str, size: tuple[int, int]) -> None:
    assert shows_nothing(BLANK_PICTURES[name](*size))


STRONG = {"strong noise", "uniform noise", "half salt noise"}
"""Noise in which a small thing is lost."""


@pytest.mark.parametrize("name", sorted(set(BLANK_PICTURES) - STRONG))
def test_a_thing_of_the_least_area_of_a_region_shows(name: str) -> None:
    rgb = BLANK_PICTURES[name](640, 480)
    side = 20  # 400 of 307,200 pixels
    inside = rgb[200 : 200 + side, 300 : 300 + side].mean(axis=(0, 1))
    rgb[200 : 200 + side, 300 : 300 + side] = np.where(inside < 128, 255, 0)
    assert not shows_nothing(rgb)


PHOTOGRAPHS = [
    "astronaut",
    "chelsea",
    "coffee",
    "camera",
    "text",
    "page",
    "moon",
    "coins",
    "brick",
    "grass",
    "gravel",
]


@pytest.mark.parametrize("name", PHOTOGRAPHS)
@pytest.mark.parametrize("change", [lambda rgb: rgb, lambda rgb: as_jpeg(rgb, 20), lambda rgb: rgb // 2 + 96])
def test_photographs_and_textures_show_something(name: str, change: Callable[[Rgb], Rgb]) -> None:
    pixels = getattr(data, name)()
    rgb = np.repeat(pixels[..., None], 3, axis=2) if pixels.ndim == 2 else pixels[..., :3]
    assert not shows_nothing(change(np.ascontiguousarray(rgb)))


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.jpg")), ids=lambda path: path.stem)
@pytest.mark.parametrize("side", [1024, 256, 64])
def test_examples_show_something(path: Path, side: int) -> None:
    rgb = decode_image(path.read_bytes())
    scale = side / max(rgb.shape[:2])
    small = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    assert not shows_nothing(np.asarray(small, np.uint8))


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (1, 9), (3, 3), (60_000, 16), (16, 60_000)])
def test_odd_sizes(size: tuple[int, int]) -> None:
    width, height = size
    assert shows_nothing(np.full((height, width, 3), 90, np.uint8))
