"""Shows a region to the labeller: a crop of the photograph around its mask, or its mask over the whole."""

from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.arrays import Mask, Rgb
from domain.masks import Region
from domain.models import View
from services.masks.formats import crop_mask, decode_rle

CONTEXT_SCALE = 1.15
CONTEXT_MARGIN_PIXELS = 4
BLUR_SIGMA_FRACTION = 0.08
MAX_VIEW_SIDE = 320
MAX_COARSE_SIGMA = 3.0
LOW_RES_MASK_SIDE = 256


def crop_view(rgb: Rgb, region: Region) -> Rgb:
    """The tight box of the region."""
    x, y, w, h = region.xywh
    return rgb[y : y + h, x : x + w]


def context_view(rgb: Rgb, region: Region) -> Rgb:
    """A square 15 % larger than the box, clipped to the image; the surroundings stay."""
    x0, y0, x1, y1 = _window(rgb, region)
    return rgb[y0:y1, x0:x1]


def blur_view(rgb: Rgb, region: Region) -> Rgb:
    """The context with everything outside the mask blurred (Yang et al., 2023, arXiv 2306.04356).

    Shrunk to at most SHOWN_SIDE pixels a side first: no labeller reads more, and blurring costs by the pixel.
    """
    x0, y0, x1, y1 = _window(rgb, region)
    inside = crop_mask(region.rle, (x0, y0, x1 - x0, y1 - y0))
    shown, inside = _shrunk(rgb[y0:y1, x0:x1]), _shrunk(inside.astype(np.uint8)).astype(np.bool_)
    return np.where(inside[..., None], shown, _blurred(shown)).astype(np.uint8)


def _blurred(shown: Rgb) -> Rgb:
    """Gaussian blur by BLUR_SHARE of the longer side, worked out at a fraction of the resolution."""
    height, width = shown.shape[:2]
    sigma = max(1.0, BLUR_SIGMA_FRACTION * max(height, width))
    step = max(1.0, sigma / MAX_COARSE_SIGMA)
    coarse = cv2.resize(
        shown, (max(1, round(width / step)), max(1, round(height / step))), interpolation=cv2.INTER_AREA
    )
    smooth = cv2.GaussianBlur(coarse, (0, 0), sigma / step)
    return np.asarray(cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _shrunk(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = image.shape[:2]
    scale = MAX_VIEW_SIDE / max(height, width)
    if scale >= 1:
        return image
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _window(rgb: Rgb, region: Region) -> tuple[int, int, int, int]:
    x, y, w, h = region.xywh
    half = (max(w, h) * CONTEXT_SCALE + CONTEXT_MARGIN_PIXELS) / 2
    centre_x, centre_y = x + w / 2, y + h / 2
    rows, columns = rgb.shape[:2]
    return (
        max(0, int(centre_x - half)),
        max(0, int(centre_y - half)),
        min(columns, int(np.ceil(centre_x + half))),
        min(rows, int(np.ceil(centre_y + half))),
    )


RegionView = Callable[[Rgb, Region], Rgb]
"""Cuts a region out of a photograph."""

CROP_VIEWS: Mapping[View, RegionView] = {"crop": crop_view, "context": context_view, "blur": blur_view}
"""The views that cut a region out, by name."""

TWICE_VIEW: View = "twice"
"""The view that shows a region as `blur` and once more as `context`; only some encoders have it."""

ATTENTION_VIEW: View = "attention"
"""The view that shows the whole photograph once and limits what is read of it; only some encoders have it."""


def low_res_mask(region: Region) -> Mask:
    """The region's mask over the whole photograph, at most MASK_SIDE pixels a side; never empty.

    One full-size mask exists while it is made.
    """
    scale = LOW_RES_MASK_SIDE / max(region.rle.height, region.rle.width)
    size = max(1, round(region.rle.width * scale)), max(1, round(region.rle.height * scale))
    full = decode_rle(region.rle).view(np.uint8) * np.uint8(255)
    coverage = full if scale >= 1 else np.asarray(cv2.resize(full, size, interpolation=cv2.INTER_AREA))
    # Half of a pixel, or for what is thinner the best that there is.
    mask: Mask = coverage >= max(1, min(128, int(coverage.max())))
    return mask
