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


def drawing(width: int, height: int, paper: int, ink: int, thickness: int) -> Rgb:
    """Return outlines of a house, a sun and a fence, as a pen draws them."""
    rgb = np.full((height, width, 3), paper, np.uint8)
    lines = [
        [(0.2, 0.8), (0.2, 0.5), (0.35, 0.3), (0.5, 0.5), (0.5, 0.8), (0.2, 0.8)],
        [(0.1, 0.8), (0.9, 0.8)],
    ]
    for line in lines:
        points = np.array([[x * width, y * height] for x, y in line], np.int32)
        cv2.polylines(rgb, [points], False, (ink, ink, ink), thickness)
    cv2.circle(rgb, (int(0.75 * width), int(0.25 * height)), height // 9, (ink, ink, ink), thickness)
    return rgb


@pytest.mark.parametrize(
    ("size", "ink", "quality"),
    [
        *product(
            [(320, 240), (1000, 800), (1600, 1200), (2400, 3200)], [(255, 0), (0, 255), (240, 90)], [None, 60]
        )
    ],
)
def test_a_drawing_of_thin_lines_shows_something(
    size: tuple[int, int], ink: tuple[int, int], quality: int | None
) -> None:
    rgb = drawing(*size, *ink, thickness=max(1, max(size) // 800))
    assert not shows_nothing(rgb if quality is None else as_jpeg(rgb, quality))


@pytest.mark.parametrize("name", ["astronaut", "chelsea", "coffee"])
@pytest.mark.parametrize("light", [0.3, 0.15])
def test_a_dark_photograph_shows_something(name: str, light: float) -> None:
    assert not shows_nothing((getattr(data, name)() * light).astype(np.uint8))


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
