"""Cuts a line of text out of an image, upright and at the height that the recognizer wants."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats, Rgb

LINE_HEIGHT_PX = 48
MIN_WIDTH_PX = 32
MAX_WIDTH_PX = 80 * LINE_HEIGHT_PX

OVERHANG_RATIO = 0.1
"""Of the line's height, added at both ends: detected boxes cut into first and last letters."""

HALF_PIXEL = np.float32(0.5)

MAX_SOURCE_SIDE_PX = 16_384
"""OpenCV warps no image of 32,768 pixels a side; a line so large is thinned first."""


def crop_line(rgb: Rgb, quad: Floats) -> NDArray[np.uint8]:
    """The line inside `quad`, perspective removed.

    Args:
        rgb: The image.
        quad: float32 [4, 2], corners of the line clockwise from the top left of the text.

    Returns:
        uint8 [48, W, 3].
    """
    corners = _with_overhang(quad)
    source, corners = _crop_to_corners(rgb, corners)
    length, height = line_size(corners)
    width = int(np.clip(math.ceil(LINE_HEIGHT_PX * length / height), MIN_WIDTH_PX, MAX_WIDTH_PX))
    # A warp alone skips pixels of large text; at a multiple of the final size none is skipped.
    times = max(1, math.ceil(height / LINE_HEIGHT_PX))
    times = min(times, MAX_SOURCE_SIDE_PX // width)
    size = (width * times, LINE_HEIGHT_PX * times)
    target = np.array([[0, 0], [size[0], 0], size, [0, size[1]]], np.float32)
    # Corners lie on the edges of pixels, OpenCV counts from their middles.
    warp = cv2.getPerspectiveTransform(corners - HALF_PIXEL, target - HALF_PIXEL)
    line = cv2.warpPerspective(source, warp, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    if times > 1:
        line = cv2.resize(line, (width, LINE_HEIGHT_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(line, np.uint8)


def line_size(quad: Floats) -> tuple[float, float]:
    """Length and height of a line, at least one pixel each: the longer of each pair of sides."""
    sides = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1)
    return max(float(sides[0]), float(sides[2]), 1.0), max(float(sides[1]), float(sides[3]), 1.0)


def _with_overhang(quad: Floats) -> Floats:
    length, height = line_size(quad)
    share = OVERHANG_RATIO * height / length
    top_left, top_right, bottom_right, bottom_left = quad
    top, bottom = share * (top_right - top_left), share * (bottom_right - bottom_left)
    grown = np.array([top_left - top, top_right + top, bottom_right + bottom, bottom_left - bottom])
    return grown.astype(np.float32)


def _crop_to_corners(rgb: Rgb, corners: Floats) -> tuple[Rgb, Floats]:
    """The part of the image that the corners span, and the corners inside it."""
    last = np.array([rgb.shape[1], rgb.shape[0]]) - 1
    x0, y0 = np.clip(np.floor(corners.min(axis=0)) - 2, 0, last).astype(int)
    x1, y1 = np.clip(np.ceil(corners.max(axis=0)) + 2, 0, last).astype(int)
    part = rgb[y0 : y1 + 1, x0 : x1 + 1]
    step = 1 + max(part.shape) // MAX_SOURCE_SIDE_PX
    inside = (corners - np.array([x0, y0])) / step
    return np.ascontiguousarray(part[::step, ::step]), inside.astype(np.float32)
