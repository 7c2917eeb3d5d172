"""The colours of a region."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from domain.arrays import Mask, Rgb
from domain.masks import Region

COLORS = 4
SAMPLE = 256
"""At most so many pixels are looked at, always the same ones; more move the shares by a percent or two."""

LEAST_SHARE = 0.05


@dataclass(frozen=True)
class ColorShare:
    """One colour and how much of a region has it.

    Attributes:
        hex: sRGB as "#rrggbb".
        share: 0..1.
    """

    hex: str
    share: float


def region_colors(rgb: Rgb, region: Region, mask: Mask) -> tuple[ColorShare, ...]:
    """The main colours of a region, the largest share first (median cut, then k-means; Pillow's quantizer).

    Args:
        rgb: The photograph, uint8 [H, W, 3].
        region: Where it is.
        mask: Its mask within its box, bool [h, w].
    """
    x, y, w, h = region.xywh
    pixels = rgb[y : y + h, x : x + w][mask]
    if len(pixels) > SAMPLE:
        pixels = pixels[np.random.default_rng(0).integers(len(pixels), size=SAMPLE)]
    found = Image.fromarray(pixels[None]).quantize(COLORS, Image.Quantize.MEDIANCUT, kmeans=1)
    counts = np.bincount(np.asarray(found).ravel(), minlength=COLORS)
    palette = np.array(found.getpalette(), np.uint8).reshape(-1, 3)
    shares = [
        ColorShare("#" + palette[index].tobytes().hex(), float(counts[index] / len(pixels)))
        for index in np.argsort(-counts, kind="stable")
        if counts[index] >= LEAST_SHARE * len(pixels)
    ]
    return tuple(shares)
