"""Cuts regions out of their image."""

import numpy as np

from domain.arrays import Rgb
from domain.masks import Region
from services.images.png import encode_png
from services.masks.formats import crop_mask


def cutout_png(rgb: Rgb, region: Region) -> bytes:
    """Return the PNG file, RGBA, of the box of a region: opaque in the mask, transparent black outside.

    Args:
        rgb: The upright image, uint8 [H, W, 3].
        region: A region of the image.
    """
    x, y, width, height = region.xywh
    mask = crop_mask(region.rle, region.xywh)
    rgba = np.zeros((height, width, 4), np.uint8)
    rgba[mask, :3] = rgb[y : y + height, x : x + width][mask]
    rgba[mask, 3] = 255
    return encode_png(rgba)
