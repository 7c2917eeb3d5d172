"""Merges the regions of the crops of an image: places them in the image, removes duplicates and selects."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from domain.arrays import Floats, Mask
from domain.masks import Region
from services.masks.candidates import PACKED_LONG_SIDE, PackedMasks, pack_masks
from services.masks.formats import coco_rle, crop_mask, encode_placed_rle
from services.masks.nms import (
    MASK_IOU_THRESHOLD,
    box_intersections,
    box_nms,
    greedy_cover,
    greedy_nms,
    is_duplicate,
    of_similar_size,
)
from services.masks.options import Deduplication


class CropRegions:
    """The regions of the crops of one image; each is held as run-length code and at low resolution.

    Args:
        width: Width of the image in pixels.
        height: Height of the image in pixels.
    """

    def __init__(self, width: int, height: int) -> None:
        self._width = width
        self._height = height
        self._step = math.ceil(max(width, height) / PACKED_LONG_SIDE)
        self._regions: list[Region] = []
        self._bits: list[PackedMasks] = []
        self._layers: list[int] = []

    def add(self, regions: Sequence[Region], x: int, y: int, layer: int) -> None:
        """Add the regions of a crop whose top left pixel is at x, y of the image."""
        for region in regions:
            left, top = x + region.xywh[0], y + region.xywh[1]
            mask = crop_mask(region.rle, region.xywh)
            rle = encode_placed_rle(mask, left, top, self._width, self._height)
            self._regions.append(replace(region, rle=rle, xywh=(left, top, *region.xywh[2:])))
            self._bits.append(pack_masks(self._thinned(mask, left, top)[None]))
            self._layers.append(layer)

    def _thinned(self, mask: Mask, left: int, top: int) -> Mask:
        """Return each `step`-th pixel of the image that is empty but for `mask`."""
        thinned = np.zeros([math.ceil(side / self._step) for side in (self._height, self._width)], np.bool_)
        row, column = (math.ceil(start / self._step) for start in (top, left))
        sampled = mask[row * self._step - top :: self._step, column * self._step - left :: self._step]
        thinned[row : row + sampled.shape[0], column : column + sampled.shape[1]] = sampled
        return thinned

    def select(self, deduplication: Deduplication, max_masks: int) -> list[Region]:
        """Return at most `max_masks` regions without duplicates, best first, by the rules of `mask_selector`.

        Of duplicates the region of the higher layer stays, and within a layer the better one.
        """
        if not self._regions:
            return []
        quality = np.array([region.quality for region in self._regions], np.float32)
        priority: Floats = (np.array(self._layers) + quality / 2).astype(np.float32)
        match deduplication:
            case "mask":
                kept = region_nms(self._regions, priority)
                bits = np.concatenate([self._bits[index] for index in kept.tolist()])
                chosen = kept[greedy_cover(bits, quality[kept], max_masks)]
            case "box":
                inclusive = region_boxes(self._regions) - [0, 0, 1, 1]
                kept = box_nms(inclusive.astype(np.float32), priority)
                chosen = kept[np.argsort(-quality[kept], kind="stable")[:max_masks]]
            case "none":
                chosen = np.argsort(-quality, kind="stable")[:max_masks]
        return [self._regions[index] for index in chosen.tolist()]


def region_nms(regions: Sequence[Region], priority: Floats) -> NDArray[np.int64]:
    """Return the indices of the regions that NMS by masks keeps, highest priority first, the earlier on ties.

    The rule is that of `mask_nms`, at the full size of the image.

    Args:
        regions: N regions of one image.
        priority: float32 [N]; of two duplicates the one of the higher priority stays.
    """
    area = np.array([region.area for region in regions], np.int64)
    boxes = region_boxes(regions)

    def duplicates(rest: NDArray[np.int64], best: np.int64) -> NDArray[np.bool_]:
        # Boxes intersect in at least as many pixels as masks do, which is soon known.
        least = MASK_IOU_THRESHOLD * np.minimum(area[rest], area[best])
        found = of_similar_size(area[rest], area[best])
        found &= box_intersections(boxes[rest], boxes[best]) >= least
        close = rest[found]
        if len(close):
            intersection = _intersections([regions[index] for index in close.tolist()], regions[int(best)])
            found[found] = is_duplicate(intersection, area[close], area[best])
        return found

    return greedy_nms(priority, duplicates)


def _intersections(regions: Sequence[Region], one: Region) -> NDArray[np.int64]:
    """Count the pixels that each region has in common with one of them, int64 [N]."""
    codes = [coco_rle(region.rle) for region in regions]
    # With iscrowd pycocotools divides the intersection by the area of the first mask alone.
    share = coco.iou(codes, [coco_rle(one.rle)], [1])[:, 0]
    areas = np.array([region.area for region in regions])
    intersections: NDArray[np.int64] = np.rint(share * areas).astype(np.int64)
    return intersections


def region_boxes(regions: Sequence[Region]) -> Floats:
    """Return the boxes x0, y0, x1, y1 of regions, x1 and y1 exclusive, float32 [N, 4]."""
    boxes = np.array([region.xywh for region in regions], np.float32).reshape(-1, 4)
    return np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)
