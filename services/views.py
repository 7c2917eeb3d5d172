"""Shows a region to the labeller: a crop of the photograph around its mask."""

from collections.abc import Callable, Mapping

import cv2
import numpy as np

from domain.types import Region, Rgb, View
from services.mask_formats import decode_rle

CONTEXT = 1.15
MARGIN = 4
BLUR_SHARE = 0.08


def crop(rgb: Rgb, region: Region) -> Rgb:
    """The tight box of the region."""
    x, y, w, h = region.xywh
    return rgb[y : y + h, x : x + w]


def context(rgb: Rgb, region: Region) -> Rgb:
    """A square 15 % larger than the box, clipped to the image; the surroundings stay."""
    x0, y0, x1, y1 = _window(rgb, region)
    return rgb[y0:y1, x0:x1]


def blur(rgb: Rgb, region: Region) -> Rgb:
    """The context with everything outside the mask blurred (Yang et al., 2023, arXiv 2306.04356)."""
    x0, y0, x1, y1 = _window(rgb, region)
    shown = rgb[y0:y1, x0:x1]
    sigma = max(1.0, BLUR_SHARE * max(shown.shape[:2]))
    blurred = cv2.GaussianBlur(shown, (0, 0), sigma)
    inside = decode_rle(region.rle)[y0:y1, x0:x1, None]
    return np.where(inside, shown, blurred).astype(np.uint8)


def _window(rgb: Rgb, region: Region) -> tuple[int, int, int, int]:
    x, y, w, h = region.xywh
    half = (max(w, h) * CONTEXT + MARGIN) / 2
    centre_x, centre_y = x + w / 2, y + h / 2
    rows, columns = rgb.shape[:2]
    return (
        max(0, int(centre_x - half)),
        max(0, int(centre_y - half)),
        min(columns, int(np.ceil(centre_x + half))),
        min(rows, int(np.ceil(centre_y + half))),
    )


VIEWS: Mapping[View, Callable[[Rgb, Region], Rgb]] = {"crop": crop, "context": context, "blur": blur}
"""Every view a request may ask for, by name."""
