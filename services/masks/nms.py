"""Removes duplicate masks by non-maximum suppression (NMS), and selects those that are answered.

There are two kinds of NMS. `mask_nms`, the default, compares the masks by IoU and containment at low
resolution. `box_nms` compares their bounding boxes, as SAM's automatic mask generator does
(`box_nms_thresh`). Both are greedy: the best mask is kept, its duplicates are dropped, and so on with the
rest.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats
from services.masks.candidates import CroppedCandidates, PackedMasks, intersection_areas, mask_areas
from services.masks.options import Deduplication
from services.masks.upsample import measuring_size, upsample_logits

MASK_IOU_THRESHOLD = 0.8
"""`iou_threshold` of `mask_nms`: a mask of at least this IoU with a better one is dropped."""

CONTAINMENT_THRESHOLD = 0.95
"""Fraction of the smaller of two masks that lies in the larger if it counts as contained."""

CONTAINED_AREA_RATIO = 0.65
"""Least ratio of areas, smaller to larger, of contained duplicates; smaller parts stay."""

BOX_IOU_THRESHOLD = 0.7
"""`iou_threshold` of `box_nms`: the `box_nms_thresh` of SAM's automatic mask generator."""

NOVELTY_WEIGHT = 0.5
"""Weight of uncovered area in `greedy_cover`: 0 ignores overlap, 1 counts only what is not covered yet."""

SelectCandidates = Callable[[CroppedCandidates], CroppedCandidates]

FindDuplicates = Callable[[NDArray[np.int64], np.int64], NDArray[np.bool_]]
"""A function of indices [M] and the index of a better one that returns which repeat it, bool [M]."""


@dataclass(frozen=True)
class MaskSelector:
    """Functions that select among the candidates of a grid.

    Attributes:
        suppress: Drops candidates that would not be answered, best quality first, before all are found.
        answer: Selects the candidates to answer, best first.
    """

    suppress: SelectCandidates
    answer: SelectCandidates


def mask_selector(deduplication: Deduplication, width: int, height: int, max_masks: int) -> MaskSelector:
    """Return the functions that select at most `max_masks` in an image of `width` x `height` pixels.

    After NMS by masks, those are answered that together cover the image (`greedy_cover`); otherwise those of
    the best quality, as in SAM's generator.
    """

    def best(found: CroppedCandidates) -> CroppedCandidates:
        return found.best(max_masks)

    def by_masks(found: CroppedCandidates) -> CroppedCandidates:
        return found.take(mask_nms(found.bits, found.quality))

    def by_boxes(found: CroppedCandidates) -> CroppedCandidates:
        return found.take(box_nms(mask_boxes(found, width, height), found.quality))

    def covering(found: CroppedCandidates) -> CroppedCandidates:
        kept = by_masks(found)
        return kept.take(greedy_cover(kept.bits, kept.quality, max_masks))

    match deduplication:
        case "mask":
            return MaskSelector(by_masks, covering)
        case "box":
            return MaskSelector(by_boxes, lambda found: best(by_boxes(found)))
        case "none":
            return MaskSelector(best, best)


def mask_nms(bits: PackedMasks, quality: Floats) -> NDArray[np.int64]:
    """Return the indices of the masks that NMS by masks keeps, best quality first, the earlier first on ties.

    A mask is dropped when its IoU with a better one is at least MASK_IOU_THRESHOLD, or when one of the two
    contains CONTAINMENT_THRESHOLD of the other and their areas have at least the ratio CONTAINED_AREA_RATIO.

    Args:
        bits: Packed masks [N, words].
        quality: float32 [N], predicted IoU.
    """
    area = mask_areas(bits)

    def duplicates(rest: NDArray[np.int64], best: np.int64) -> NDArray[np.bool_]:
        found = of_similar_size(area[rest], area[best])
        close = rest[found]
        found[found] = is_duplicate(intersection_areas(bits[close], bits[best]), area[close], area[best])
        return found

    return greedy_nms(quality, duplicates)


def greedy_nms(priority: Floats, duplicates: FindDuplicates) -> NDArray[np.int64]:
    """Return the indices that NMS keeps, highest priority first, the earlier first on ties.

    Args:
        priority: float32 [N].
        duplicates: Tells which of the indices after a kept one repeat it, so that they are dropped.
    """
    alive = np.argsort(-priority, kind="stable")
    kept = []
    while len(alive):
        best, rest = alive[0], alive[1:]
        kept.append(best)
        alive = rest[~duplicates(rest, best)]
    return np.array(kept, np.int64)


def of_similar_size(area: NDArray[np.int64], best: np.int64) -> NDArray[np.bool_]:
    """Return which of the areas [M] are near enough to `best` for duplicates, bool [M]."""
    similar: NDArray[np.bool_] = np.minimum(area, best) >= CONTAINED_AREA_RATIO * np.maximum(area, best)
    return similar


def is_duplicate(
    intersection: NDArray[np.int64], area: NDArray[np.int64], best: np.int64
) -> NDArray[np.bool_]:
    """Return which masks repeat a better one, given their areas and intersections in pixels, bool [M]."""
    smaller, larger = np.minimum(area, best), np.maximum(area, best)
    same = intersection >= MASK_IOU_THRESHOLD * (area + best - intersection)
    contained = (intersection >= CONTAINMENT_THRESHOLD * smaller) & (smaller >= CONTAINED_AREA_RATIO * larger)
    return same | contained


def greedy_cover(bits: PackedMasks, quality: Floats, limit: int) -> NDArray[np.int64]:
    """Return the indices of at most `limit` masks that together cover the image with good masks, best first.

    Each step takes the mask of the largest quality * sqrt(area) * (1 - w + w * uncovered), where `uncovered`
    is the fraction of it outside all masks taken so far and w is NOVELTY_WEIGHT; the earlier on ties.

    Args:
        bits: Packed masks [N, words].
        quality: float32 [N], predicted IoU.
        limit: Largest number of masks, at least 1.
    """
    area = np.maximum(mask_areas(bits), 1)
    worth = quality.astype(np.float64) * np.sqrt(area)
    covered = np.zeros_like(bits[0]) if len(bits) else np.zeros(0, np.uint64)
    chosen: list[int] = []
    while len(chosen) < min(limit, len(bits)):
        uncovered = 1.0 - intersection_areas(bits, covered) / area
        gain = worth * (1.0 - NOVELTY_WEIGHT + NOVELTY_WEIGHT * uncovered)
        gain[chosen] = -1.0
        chosen.append(int(np.argmax(gain)))
        covered = covered | bits[chosen[-1]]
    return np.array(chosen, np.int64)


def box_nms(boxes: Floats, quality: Floats) -> NDArray[np.int64]:
    """Return the indices of the boxes that NMS keeps, best quality first, the earlier first on ties.

    A box is dropped when its IoU with a better one is above BOX_IOU_THRESHOLD, as in `torchvision.ops.nms`.

    Args:
        boxes: float32 [N, 4], x0, y0, x1, y1.
        quality: float32 [N], predicted IoU.
    """
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])

    def duplicates(rest: NDArray[np.int64], best: np.int64) -> NDArray[np.bool_]:
        intersection = box_intersections(boxes[rest], boxes[best])
        found: NDArray[np.bool_] = intersection > BOX_IOU_THRESHOLD * (area[rest] + area[best] - intersection)
        return found

    return greedy_nms(quality, duplicates)


def box_intersections(boxes: Floats, one: Floats) -> Floats:
    """Return the areas of [N, 4] boxes (x0, y0, x1, y1) inside one box [4], float32 [N]."""
    sides = np.minimum(boxes[:, 2:], one[2:]) - np.maximum(boxes[:, :2], one[:2])
    intersections: Floats = np.prod(np.maximum(sides, 0.0), axis=1)
    return intersections


def mask_boxes(found: CroppedCandidates, width: int, height: int) -> Floats:
    """Return the bounding boxes of the masks in an image of `width` x `height` pixels, float32 [N, 4].

    A box is x0, y0, x1, y1 of the outermost pixels, the last ones inclusive, as in SAM's
    `batched_mask_to_box`; zeros for an empty mask. Large images are measured at a lower resolution.
    """
    size = measuring_size(width, height)
    boxes = np.array([_mask_box(found, index, *size) for index in range(len(found))], np.float32)
    scales = np.array([width / size[0], height / size[1]] * 2, np.float32)
    scaled: Floats = boxes.reshape(-1, 4) * scales
    return scaled


def _mask_box(found: CroppedCandidates, index: int, width: int, height: int) -> tuple[int, int, int, int]:
    row, column = found.corners[index].tolist()
    patch = upsample_logits(found.crops[index], (row, column), found.frame, width, height)
    mask = patch.logits > 0
    columns, rows = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(columns):
        return 0, 0, 0, 0
    x, y = patch.left, patch.top
    return x + int(columns[0]), y + int(rows[0]), x + int(columns[-1]), y + int(rows[-1])
