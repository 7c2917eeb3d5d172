"""Turns a low-resolution candidate into a region of the full-size image: cleaned, upsampled, measured."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats, Mask
from domain.masks import Region
from domain.ports.compute import WorkerPool
from services.masks.candidates import CroppedCandidates
from services.masks.formats import encode_rle
from services.masks.upsample import upsample_logits
from services.progress import CancelCheck, ignore_check

SMALL_PART_FRACTION = 0.02
"""Parts and holes below this share of the mask's area are removed."""

MAX_PARALLEL_PIXELS = 2_000_000
"""Masks of photographs of at most so many pixels are small enough to have several at once."""


@dataclass(frozen=True)
class RefineOptions:
    """What becomes of a mask at full size.

    Attributes:
        min_area: Least area in pixels.
        max_area: Largest area in pixels.
        clean: Whether specks and holes go.
    """

    min_area: int
    max_area: int
    clean: bool = True


def refine_masks(
    found: CroppedCandidates,
    width: int,
    height: int,
    refine_options: RefineOptions,
    pool: WorkerPool,
    check: CancelCheck = ignore_check,
) -> list[Region]:
    """Regions of the upright image (`width` x `height` pixels) whose area is as wanted, in order.

    Above SIDE_BY_SIDE pixels one full-size mask exists at a time, below it one for each worker; float logits
    only of the pixels around it. `check` is asked before each.
    """

    def region(index: int) -> Region | None:
        check()
        return _region(found, index, width, height, refine_options.clean)

    least = max(refine_options.min_area, 1)
    run = pool.map if width * height <= MAX_PARALLEL_PIXELS else map
    regions = run(region, range(len(found)))
    return [one for one in regions if one and least <= one.area <= refine_options.max_area]


def _region(found: CroppedCandidates, index: int, width: int, height: int, cleaned: bool) -> Region | None:
    logits = _full_frame_logits(found, index)
    columns = upsample_mask(remove_small_regions(logits) if cleaned else logits, width, height)
    area = int(np.count_nonzero(columns))
    if area == 0:
        return None
    y, x, h, w = cv2.boundingRect(columns.view(np.uint8))
    quality, stability = float(found.quality[index]), float(found.stability[index])
    return Region(encode_rle(columns.T), (x, y, w, h), area, quality, stability)


def _full_frame_logits(found: CroppedCandidates, index: int) -> Floats:
    """The logits in the whole frame, float32 [h, w]; -1 where they were not kept, which is off the mask."""
    crop, (row, column) = found.crops[index], found.corners[index]
    logits = np.full(found.frame, -1.0, np.float32)
    logits[row : row + crop.shape[0], column : column + crop.shape[1]] = crop
    return logits


def remove_small_regions(logits: Floats) -> Floats:
    """Logits float32 [h, w] without specks and holes below SPECK of the mask; the largest part stays."""
    cleaned = logits.copy()
    mask = cleaned > 0
    limit = SMALL_PART_FRACTION * np.count_nonzero(mask)
    x, y, w, h = cv2.boundingRect(mask.view(np.uint8))
    box = slice(y, y + h), slice(x, x + w)
    cleaned[box][_small_components(np.ascontiguousarray(mask[box]), limit)] = -1.0
    cleaned[_small_components(~mask, limit)] = 1.0
    return cleaned


def _small_components(mask: Mask, limit: float) -> Mask:
    """Pixels of the 4-connected parts below `limit` pixels, the largest part never among them."""
    count, parts, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=4)
    areas = stats[:, cv2.CC_STAT_AREA]
    small = areas < limit
    small[0] = False
    if count > 1:
        small[1 + int(np.argmax(areas[1:]))] = False
    found: Mask = small[parts] if small.any() else np.zeros_like(mask)
    return found


def upsample_mask(logits: NDArray[Any], width: int, height: int) -> Mask:
    """The mask bool [width, height], transposed, of bilinearly enlarged logits [h, w]."""
    mask = np.zeros((width, height), np.bool_)
    x, y, w, h = cv2.boundingRect((logits > 0).view(np.uint8))
    if w:
        top, left = max(y - 1, 0), max(x - 1, 0)
        crop = logits[top : y + h + 1, left : x + w + 1]
        rows, columns = logits.shape
        patch = upsample_logits(crop, (top, left), (rows, columns), width, height)
        across, down = patch.logits.shape
        np.greater(patch.logits, 0, out=mask[patch.left : patch.left + across, patch.top : patch.top + down])
    return mask
