"""Turns a low-resolution candidate into a region of the full-size image: cleaned, upsampled, measured."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.types import Candidates, Mask, Region
from services.mask_formats import encode_rle

SPECK = 0.02
"""Parts and holes below this share of the mask's area are removed."""


def refine(candidates: Candidates, width: int, height: int, min_area: int) -> list[Region]:
    """Regions of the upright image (`width` x `height` pixels) of at least `min_area` pixels, in order.

    One full-size mask exists at a time.
    """
    found = (_region(candidates, index, width, height) for index in range(len(candidates)))
    return [region for region in found if region is not None and region.area >= max(min_area, 1)]


def _region(candidates: Candidates, index: int, width: int, height: int) -> Region | None:
    mask = upsample(clean(candidates.logits[index]), width, height)
    area = int(np.count_nonzero(mask))
    if area == 0:
        return None
    x, y, w, h = cv2.boundingRect(mask.view(np.uint8))
    quality, stability = float(candidates.quality[index]), float(candidates.stability[index])
    return Region(encode_rle(mask), (x, y, w, h), area, quality, stability)


def clean(logits: NDArray[Any]) -> NDArray[np.float32]:
    """Logits float32 [h, w] without specks and holes below SPECK of the mask; the largest part stays."""
    cleaned = logits.astype(np.float32)
    mask = cleaned > 0
    limit = SPECK * np.count_nonzero(mask)
    cleaned[_small_parts(mask, limit)] = -1.0
    cleaned[_small_parts(~mask, limit)] = 1.0
    return cleaned


def _small_parts(mask: Mask, limit: float) -> Mask:
    """Pixels of the 4-connected parts below `limit` pixels, the largest part never among them."""
    count, parts, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=4)
    areas = stats[:, cv2.CC_STAT_AREA]
    small = areas < limit
    small[0] = False
    if count > 1:
        small[1 + int(np.argmax(areas[1:]))] = False
    found: Mask = small[parts]
    return found


def upsample(logits: NDArray[np.float32], width: int, height: int) -> Mask:
    """The mask bool [height, width] of bilinearly enlarged logits, worked out inside its own box only."""
    rows, columns = logits.shape
    mask = np.zeros((height, width), np.bool_)
    x, y, w, h = cv2.boundingRect((logits > 0).view(np.uint8))
    if w == 0:
        return mask
    left, right = _span(x, w, columns, width)
    top, bottom = _span(y, h, rows, height)
    scale_x, scale_y = columns / width, rows / height
    # Maps a full-size pixel's centre to the low-resolution frame, pixel centres at +0.5 in both.
    affine = np.array(
        [
            [scale_x, 0, (left + 0.5) * scale_x - 0.5],
            [0, scale_y, (top + 0.5) * scale_y - 0.5],
        ]
    )
    enlarged = cv2.warpAffine(
        logits,
        affine,
        (right - left, bottom - top),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    mask[top:bottom, left:right] = enlarged > 0
    return mask


def _span(start: int, length: int, low: int, high: int) -> tuple[int, int]:
    """Full-size pixels that a low-resolution run with a margin of one pixel can reach."""
    scale = high / low
    return max(0, int((start - 1) * scale)), min(high, int(np.ceil((start + length + 1) * scale)))
