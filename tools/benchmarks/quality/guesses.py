"""Makes coarse first guesses of an object, which mask prompts refine."""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.arrays import Mask

RADIUS_SHARE = 0.08
"""Radius of the erosion and the dilation, as a share of the square root of the object's area."""

SHIFT_SHARE = 0.1
"""Shift along each axis, in the same unit."""

CELLS = 16
"""Number of rows and columns of the coarse mask of the whole image."""

DIRECTIONS = ((1, 1), (1, -1), (-1, 1), (-1, -1))


def coarse_guesses(mask: Mask, number: int) -> dict[str, Mask]:
    """Return the guesses by kind, each bool [H, W] and not empty.

    Args:
        mask: The object, bool [H, W].
        number: Number of the object, on which the direction of the shift depends.
    """
    return {kind: guess for kind, guess in _guesses(mask, number) if guess.any()}


def _guesses(mask: Mask, number: int) -> Iterator[tuple[str, Mask]]:
    size, pixels = float(np.sqrt(mask.sum())), mask.astype(np.uint8)
    radius = max(1, round(RADIUS_SHARE * size))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    yield f"object eroded by {RADIUS_SHARE:.0%}", cv2.erode(pixels, disc, borderValue=1) > 0
    yield f"object dilated by {RADIUS_SHARE:.0%}", cv2.dilate(pixels, disc) > 0
    yield f"object shifted by {SHIFT_SHARE:.0%}", _shifted(pixels, SHIFT_SHARE * size, number)
    yield f"object in {CELLS} x {CELLS} cells", _in_cells(mask)
    x, y, w, h = cv2.boundingRect(pixels)
    box = np.zeros_like(mask)
    box[y : y + h, x : x + w] = True
    yield "box of the object", box


def _shifted(pixels: NDArray[np.uint8], distance: float, number: int) -> Mask:
    across, down = DIRECTIONS[number % len(DIRECTIONS)]
    moved = np.array([[1, 0, across * round(distance)], [0, 1, down * round(distance)]], np.float32)
    shifted: Mask = cv2.warpAffine(pixels, moved, pixels.shape[::-1]) > 0
    return shifted


def _in_cells(mask: Mask) -> Mask:
    """Return the cells that are at least half on the object, or else those that are the most."""
    cells = cv2.resize(mask.astype(np.float32), (CELLS, CELLS), interpolation=cv2.INTER_AREA)
    solid = (cells >= min(0.5, cells.max())).astype(np.uint8)
    coarse = np.asarray(cv2.resize(solid, mask.shape[::-1], interpolation=cv2.INTER_NEAREST))
    return np.asarray(coarse > 0)
