"""Depth maps as files say what the map says."""

import io

import numpy as np
import pytest
from PIL import Image

from domain.depth import DepthMap
from services.depth import depth_color_png, depth_colors, depth_grey_png, depth_npy

SLOPE = np.linspace(2.0, 7.0, 12 * 20, dtype=np.float32).reshape(12, 20)


def test_grey_values_come_back() -> None:
    pixels = np.asarray(Image.open(io.BytesIO(depth_grey_png(DepthMap(SLOPE.copy(), "relative")))))
    assert pixels.shape == (12, 20)
    np.testing.assert_allclose(2.0 + 5.0 * pixels.astype(np.float64) / 65535, SLOPE, atol=5.0 / 65535)


def test_raw_values_are_the_map() -> None:
    values = np.load(io.BytesIO(depth_npy(DepthMap(SLOPE.copy(), "relative"))))
    assert values.dtype == np.float32
    np.testing.assert_array_equal(values, SLOPE)


@pytest.mark.parametrize(("kind", "nearest"), [("relative", -1), ("metric", 0)])
def test_near_things_are_bright(kind: str, nearest: int) -> None:
    light = depth_colors(DepthMap(SLOPE.copy(), kind)).astype(int).sum(axis=2).ravel()  # type: ignore[arg-type]
    assert light[nearest] == light.max()
    assert Image.open(io.BytesIO(depth_color_png(DepthMap(SLOPE.copy(), "relative")))).mode == "RGB"


def test_a_flat_map_is_no_error() -> None:
    flat = DepthMap(np.full((4, 5), 3.0, np.float32), "relative")
    assert not np.asarray(Image.open(io.BytesIO(depth_grey_png(flat)))).any()
