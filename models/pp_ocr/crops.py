"""Crops of text lines, upright and at the height of the recognizer; a long line is cut into pieces."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats, Rgb

LINE_HEIGHT_PX = 48
MIN_WIDTH_PX = 32
MAX_WIDTH_PX = 80 * LINE_HEIGHT_PX
"""Largest width of a piece, which bounds the memory of the recognizer."""

PIECE_OVERLAP_PX = 8 * LINE_HEIGHT_PX
"""Least overlap of two pieces of a line: there is a gap between letters in it."""

STEP_PX = 8
"""Pixels for each step of the recognizer; pieces begin at multiples of it, so that their steps agree."""

OVERHANG_RATIO = 0.1
"""Share of the line's height that is added at both ends, as detected boxes cut into the first and last
letters."""

HALF_PIXEL = np.float32(0.5)

MAX_SOURCE_SIDE_PX = 16_384
"""Longest side of an image to warp: OpenCV cannot warp 32,768 pixels, so a larger line is subsampled first.
"""


@dataclass(frozen=True)
class LinePiece:
    """Part of a line, as wide as the recognizer reads at once.

    Attributes:
        pixels: uint8 [48, W, 3], upright and without its perspective.
        start: Column of the line at which the piece begins, a multiple of STEP_PX.
    """

    pixels: NDArray[np.uint8]
    start: int


def line_pieces(rgb: Rgb, quad: Floats) -> Iterator[LinePiece]:
    """Yield the line inside `quad` from its beginning, in one piece unless it is wider than MAX_WIDTH_PX.

    Args:
        rgb: Image uint8 [H, W, 3].
        quad: float32 [4, 2], corners of the line clockwise from the top left of the text.
    """
    corners = _with_overhang(quad)
    source, inside = _crop_to_corners(rgb, corners)
    length, height = line_size(inside)
    width = max(math.ceil(LINE_HEIGHT_PX * length / height), MIN_WIDTH_PX)
    if width <= MAX_WIDTH_PX:
        yield LinePiece(_warp(source, inside, width), 0)
        return
    for start, stop in piece_spans(width):
        part = _between(corners, start / width, stop / width)
        yield LinePiece(_warp(*_crop_to_corners(rgb, part), stop - start), start)


def piece_spans(width: int) -> list[tuple[int, int]]:
    """Return start and stop of the pieces of a line of `width` pixels, wider than MAX_WIDTH_PX."""
    # Starts are rounded down, so two may be up to STEP_PX farther apart.
    step = MAX_WIDTH_PX - PIECE_OVERLAP_PX - STEP_PX
    count = 1 + math.ceil((width - MAX_WIDTH_PX) / step)
    last = math.ceil((width - MAX_WIDTH_PX) / STEP_PX) * STEP_PX
    starts = [last * index // (count - 1) // STEP_PX * STEP_PX for index in range(count)]
    return [(start, min(start + MAX_WIDTH_PX, width)) for start in starts]


def _between(corners: Floats, start: float, stop: float) -> Floats:
    """Return the part of a line from one share of its length to another."""
    top_left, top_right, bottom_right, bottom_left = corners
    top, bottom = top_right - top_left, bottom_right - bottom_left
    part = [
        top_left + start * top,
        top_left + stop * top,
        bottom_left + stop * bottom,
        bottom_left + start * bottom,
    ]
    return np.array(part, np.float32)


def _warp(source: Rgb, corners: Floats, width: int) -> NDArray[np.uint8]:
    """Return what the corners enclose, uint8 [48, width, 3]."""
    _, height = line_size(corners)
    # A warp skips pixels of large text; a warp to a multiple of the final size skips none.
    times = max(1, math.ceil(height / LINE_HEIGHT_PX))
    times = min(times, MAX_SOURCE_SIDE_PX // width)
    size = (width * times, LINE_HEIGHT_PX * times)
    target = np.array([[0, 0], [size[0], 0], size, [0, size[1]]], np.float32)
    # Corners are on the edges of pixels, but OpenCV counts from their centres.
    warp = cv2.getPerspectiveTransform(corners - HALF_PIXEL, target - HALF_PIXEL)
    line = cv2.warpPerspective(source, warp, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    if times > 1:
        line = cv2.resize(line, (width, LINE_HEIGHT_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(line, np.uint8)


def line_size(quad: Floats) -> tuple[float, float]:
    """Return length and height of a line, at least one pixel each: the longer of each pair of sides."""
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
    """Return the part of the image that the corners span, and the corners inside it."""
    last = np.array([rgb.shape[1], rgb.shape[0]]) - 1
    x0, y0 = np.clip(np.floor(corners.min(axis=0)) - 2, 0, last).astype(int)
    x1, y1 = np.clip(np.ceil(corners.max(axis=0)) + 2, 0, last).astype(int)
    part = rgb[y0 : y1 + 1, x0 : x1 + 1]
    step = 1 + max(part.shape) // MAX_SOURCE_SIDE_PX
    inside = (corners - np.array([x0, y0])) / step
    return np.ascontiguousarray(part[::step, ::step]), inside.astype(np.float32)
