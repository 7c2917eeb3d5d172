"""Regions made of rectangles in an image of SHAPE."""

import numpy as np

from domain.arrays import Mask
from domain.masks import Region
from services.masks.formats import crop_mask, encode_rle

SHAPE = (60, 100)


def region(mask: Mask) -> Region:
    rows, columns = np.nonzero(mask)
    x, y = int(columns.min()), int(rows.min())
    box = (x, y, int(columns.max()) - x + 1, int(rows.max()) - y + 1)
    return Region(encode_rle(mask), box, int(mask.sum()), 0.5, 0.5)


def block(x: int, y: int, w: int, h: int) -> Mask:
    mask = np.zeros(SHAPE, np.bool_)
    mask[y : y + h, x : x + w] = True
    return mask


def within(one: Region) -> Mask:
    return crop_mask(one.rle, one.xywh)
