"""Tell images that show nothing: one colour, a gradient or noise, with or without a frame and JPEG blocks.

What a camera or a pen makes has places that stand out from their surroundings and are larger than a pixel.
The image is averaged to a coarse grid and to a fine one, in which thin lines show. A smooth gradient is
fitted to each and taken away, and what is left is measured: its largest value, and the correlation of
neighbours, which noise has not. The thresholds were chosen on 8,400 photographs and scans.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.arrays import Rgb

GRID_SIDE, FINE_GRID_SIDE = 32, 96
"""Longest sides of the grids in cells."""

FRAME_FRACTION, FINE_FRAME_FRACTION = 1 / 32, 1 / 16
"""Fraction of each side that may be a frame and is left out, at least one pixel. JPEG files of small images
spread the colour of a frame, which shows in the fine grid."""

MAX_PLAIN_RESIDUAL = 12.0
"""Largest difference of a cell from the gradient, in levels 0..255, of an image that shows nothing."""

MAX_NOISE_CORRELATION, MAX_FINE_NOISE_CORRELATION = 0.22, 0.35
"""Largest correlation of neighbouring cells of noise on the two grids. Photographs have at least 0.25 on the
coarse one; photographs of grass and gravel have less, but at least 0.38 on the fine one. JPEG blocks let the
noise of small images have 0.3 there."""

MAX_NOISE_PEAK = 6.5
"""Largest difference of a cell of noise from the gradient, in standard deviations."""

Cells = NDArray[np.float64]
"""float64 [rows, columns, 3]."""


def shows_nothing(rgb: Rgb) -> bool:
    """Return whether an image, uint8 [H, W, 3], shows nothing but a colour, a gradient or noise."""
    coarse = _without_gradient(_grid(_without_frame(rgb, FRAME_FRACTION), GRID_SIDE))
    fine = _without_gradient(_grid(_without_frame(rgb, FINE_FRAME_FRACTION), FINE_GRID_SIDE))
    peak, fine_peak = (float(np.abs(residual).max()) for residual in (coarse, fine))
    fine_noise = _correlation(fine) <= MAX_FINE_NOISE_CORRELATION
    if peak <= MAX_PLAIN_RESIDUAL:
        return fine_noise or fine_peak <= MAX_PLAIN_RESIDUAL
    deviation = float(np.sqrt(np.mean(coarse**2)))
    likely_noise = peak <= MAX_NOISE_PEAK * deviation and _correlation(coarse) <= MAX_NOISE_CORRELATION
    return likely_noise and fine_noise


def _without_frame(rgb: Rgb, fraction: float) -> Rgb:
    height, width = rgb.shape[:2]
    top, left = (max(1, int(side * fraction)) for side in (height, width))
    inner = rgb[top : height - top, left : width - left]
    return inner if inner.size else rgb


def _grid(rgb: Rgb, longest: int) -> Cells:
    """Return the means of the cells of a grid of at most `longest` cells a side; few pixels are the cells."""
    height, width = rgb.shape[:2]
    scale = min(1.0, longest / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.float64)


def _without_gradient(cells: Cells) -> Cells:
    """Return what is left of each channel after the best fit of a cubic and of distances from the middle."""
    rows, columns = cells.shape[:2]
    y, x = np.mgrid[:rows, :columns].astype(np.float64)
    y, x = (y + 0.5) / rows * 2 - 1, (x + 0.5) / columns * 2 - 1
    longer = max(rows, columns)
    radial = [np.hypot(x, y), np.hypot(x * columns / longer, y * rows / longer)]
    powers = [x**i * y**j for i in range(4) for j in range(4 - i)]
    basis = np.stack([term.ravel() for term in (*powers, *radial)], axis=1)
    flat = cells.reshape(-1, 3)
    weights, *_ = np.linalg.lstsq(basis, flat, rcond=None)
    residual: Cells = (flat - basis @ weights).reshape(cells.shape)
    return residual


def _correlation(residual: Cells) -> float:
    """Return the correlation of cells with their neighbours to the right and below, -1..1."""
    products = [
        (residual[:, 1:] * residual[:, :-1]).mean() if residual.shape[1] > 1 else 0.0,
        (residual[1:] * residual[:-1]).mean() if residual.shape[0] > 1 else 0.0,
    ]
    return float(np.mean(products) / max(np.mean(residual**2), 1e-9))
