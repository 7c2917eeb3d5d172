"""Makes regions of candidates: removes specks and holes, upsamples to the full size and measures."""

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
from services.progress import CancelCheck, ignore

SMALL_PART_FRACTION = 0.02
"""Fraction of the mask's area below which separate parts and holes are removed."""

MAX_PARALLEL_PIXELS = 2_000_000
"""Size of the largest image whose masks are refined in parallel, which takes memory."""


@dataclass(frozen=True)
class RefineOptions:
    """Limits and cleaning of masks at full size.

    Attributes:
        min_area: Least area in pixels.
        max_area: Largest area in pixels.
        clean: Whether specks and holes are removed.
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
    check: CancelCheck = ignore,
) -> list[Region | None]:
    """Return the candidates as regions of the upright image (`width` x `height` pixels), in order.

    A region whose area is outside the limits is None. Of an image above MAX_PARALLEL_PIXELS one full-size
    mask exists at a time, otherwise one for each worker. `check` is called before each mask.
    """

    def refine(index: int) -> Region | None:
        check()
        return _refine_mask(found, index, width, height, refine_options.clean)

    min_area = max(refine_options.min_area, 1)
    run = pool.map if width * height <= MAX_PARALLEL_PIXELS else map
    regions = run(refine, range(len(found)))
    most = refine_options.max_area
    return [region if region and min_area <= region.area <= most else None for region in regions]


def _refine_mask(found: CroppedCandidates, index: int, width: int, height: int, clean: bool) -> Region | None:
    logits = _full_frame_logits(found, index)
    if not (logits > 0).any():
        return None
    mask = upsample_mask(remove_small_regions(logits) if clean else logits, width, height)
    area = int(np.count_nonzero(mask))
    if area == 0:
        return None
    y, x, h, w = cv2.boundingRect(mask.view(np.uint8))  # the mask is transposed
    quality, stability = float(found.quality[index]), float(found.stability[index])
    return Region(encode_rle(mask.T), (x, y, w, h), area, quality, stability)


def _full_frame_logits(found: CroppedCandidates, index: int) -> Floats:
    """Return the logits in the whole frame, float32 [h, w]; -1 outside the crop, which is off the mask."""
    crop, (row, column) = found.crops[index], found.corners[index]
    logits = np.full(found.frame, -1.0, np.float32)
    logits[row : row + crop.shape[0], column : column + crop.shape[1]] = crop
    return logits


def remove_small_regions(logits: Floats) -> Floats:
    """Return logits float32 [h, w] without specks and holes below SMALL_PART_FRACTION of the mask.

    The largest part always stays. The purpose is that of `remove_small_regions` in SAM's automatic mask
    generator, whose limit `min_mask_region_area` is absolute.
    """
    cleaned = logits.copy()
    mask = cleaned > 0
    limit = SMALL_PART_FRACTION * np.count_nonzero(mask)
    x, y, w, h = cv2.boundingRect(mask.view(np.uint8))
    box = slice(y, y + h), slice(x, x + w)
    cleaned[box][_small_components(np.ascontiguousarray(mask[box]), limit)] = -1.0
    cleaned[_small_components(~mask, limit)] = 1.0
    return cleaned


def _small_components(mask: Mask, limit: float) -> Mask:
    """Return the pixels of 4-connected components below `limit` pixels, except of the largest component."""
    count, components, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=4)
    areas = stats[:, cv2.CC_STAT_AREA]
    small = areas < limit
    small[0] = False
    if count > 1:
        small[1 + int(np.argmax(areas[1:]))] = False
    found: Mask = small[components] if small.any() else np.zeros_like(mask)
    return found


def upsample_mask(logits: NDArray[Any], width: int, height: int) -> Mask:
    """Enlarge logits [h, w] bilinearly and return the mask, transposed: bool [width, height]."""
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
