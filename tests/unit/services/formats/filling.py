"""Fills rings as readers do: by the two rules for the centres of pixels, and with OpenCV."""

import cv2
import numpy as np

from domain.arrays import Mask


def fill(rings: list[np.ndarray], shape: tuple[int, int], rule: str) -> Mask:
    """Pixels whose centre is inside the rings, float [N, 2] each, by the rule `even-odd` or `non-zero`.

    A row of pixel centres is crossed by edges; each crossing changes the winding number of all centres to its
    right.
    """
    height, width = shape
    change = np.zeros((height, width + 1), np.int64)
    for ring in rings:
        for (x0, y0), (x1, y1) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
            low, high = sorted((y0, y1))
            # Rows whose centre y + 0.5 is in [low, high).
            rows = np.arange(max(0, int(np.ceil(low - 0.5))), min(height, int(np.ceil(high - 0.5))))
            x = x0 + (rows + 0.5 - y0) * (x1 - x0) / (y1 - y0) if len(rows) else rows
            columns = np.clip(np.ceil(x - 0.5).astype(int), 0, width)
            np.add.at(change, (rows, columns), 1 if y1 > y0 else -1)
    winding = np.cumsum(change, axis=1)[:, :-1]
    inside: Mask = winding % 2 == 1 if rule == "even-odd" else winding != 0
    return inside


def fill_poly(rings: list[np.ndarray], shape: tuple[int, int]) -> Mask:
    """Pixels that cv2.fillPoly paints for rings of whole vertices: those inside, and those on the rings."""
    canvas = np.zeros(shape, np.uint8)
    cv2.fillPoly(canvas, [ring.astype(np.int32) for ring in rings], 1)
    return canvas.astype(np.bool_)
