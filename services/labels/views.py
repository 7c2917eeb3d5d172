"""Views of a region for the labeller: a crop around the mask, or the mask over the whole image."""

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
    """Return the bounding box of the region, uint8 [h, w, 3]."""
    x, y, w, h = region.xywh
    return rgb[y : y + h, x : x + w]


def context_view(rgb: Rgb, region: Region) -> Rgb:
    """Return a square around the region, 15 % larger than its longer side and clipped to the image."""
    x0, y0, x1, y1 = _window(rgb, region)
    return rgb[y0:y1, x0:x1]


def blur_view(rgb: Rgb, region: Region) -> Rgb:
    """Return the context view with everything outside the mask blurred (Yang et al. 2023, arXiv 2306.04356).

    It is shrunk to at most MAX_VIEW_SIDE pixels a side first: no labeller has a larger input, and the cost of
    blurring grows with the pixels.
    """
    x0, y0, x1, y1 = _window(rgb, region)
    inside = crop_mask(region.rle, (x0, y0, x1 - x0, y1 - y0))
    view, inside = _shrink(rgb[y0:y1, x0:x1]), _shrink(inside.astype(np.uint8)).astype(np.bool_)
    return np.where(inside[..., None], view, _blur(view)).astype(np.uint8)


def _blur(image: Rgb) -> Rgb:
    """Blur by a Gaussian of BLUR_SIGMA_FRACTION of the longer side, computed at a lower resolution."""
    height, width = image.shape[:2]
    sigma = max(1.0, BLUR_SIGMA_FRACTION * max(height, width))
    step = max(1.0, sigma / MAX_COARSE_SIGMA)
    coarse = cv2.resize(
        image, (max(1, round(width / step)), max(1, round(height / step))), interpolation=cv2.INTER_AREA
    )
    smooth = cv2.GaussianBlur(coarse, (0, 0), sigma / step)
    return np.asarray(cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _shrink(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = image.shape[:2]
    scale = MAX_VIEW_SIDE / max(height, width)
    if scale >= 1:
        return image
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _window(rgb: Rgb, region: Region) -> tuple[int, int, int, int]:
    """Return x0, y0, x1, y1 of the context view in pixels of the image; x1 and y1 are exclusive."""
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
"""Cuts a view of a region, uint8 [h, w, 3], out of an image."""

CROP_VIEWS: Mapping[View, RegionView] = {"crop": crop_view, "context": context_view, "blur": blur_view}
"""Views that cut a region out of the image, by name."""

TWICE_VIEW: View = "twice"
"""Name of the view that encodes the region both as `blur` and as `context`; needs a SceneEncoder."""

ATTENTION_VIEW: View = "attention"
"""Name of the view that encodes the whole image once, with attention masked to the region; needs a
RegionEncoder."""


def low_res_mask(region: Region) -> Mask:
    """Return the mask over the whole image with at most LOW_RES_MASK_SIDE pixels a side; it is never empty.

    One mask at the full resolution exists while it is computed.
    """
    scale = LOW_RES_MASK_SIDE / max(region.rle.height, region.rle.width)
    size = max(1, round(region.rle.width * scale)), max(1, round(region.rle.height * scale))
    full = decode_rle(region.rle).view(np.uint8) * np.uint8(255)
    coverage = full if scale >= 1 else np.asarray(cv2.resize(full, size, interpolation=cv2.INTER_AREA))
    # A pixel counts from half coverage on; a thinner region keeps the pixels it covers most.
    mask: Mask = coverage >= max(1, min(128, int(coverage.max())))
    return mask
