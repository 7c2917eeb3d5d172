"""Removes masks that say what a better mask says already: mask IoU and containment, at low resolution."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats
from services.masks.candidates import CroppedCandidates, PackedMasks, intersection_areas, mask_areas
from services.masks.options import Deduplication
from services.masks.upsample import measuring_size, upsample_logits

MASK_IOU_THRESHOLD = 0.8

CONTAINMENT_THRESHOLD = 0.95

CONTAINED_AREA_RATIO = 0.65


def mask_nms(bits: PackedMasks, quality: Floats) -> NDArray[np.int64]:
    """Indices of the masks to keep, best quality first (ties: the earlier one).

    A mask goes when a better one has an IoU of at least IOU with it, or when one of the two lies in the
    other (CONTAINMENT of the smaller) and their sizes are close (smaller / larger >= CONTAINED_SIZE), so
    that parts survive beside their objects. Greedy, as non-maximum suppression is.

    Args:
        bits: Packed masks [N, words].
        quality: float32 [N].
    """
    area = mask_areas(bits)
    alive = np.argsort(-quality, kind="stable")
    kept = []
    while len(alive):
        best, rest = alive[0], alive[1:]
        kept.append(best)
        alive = rest[~_suppressed(bits, area, rest, best)]
    return np.array(kept, np.int64)


def _suppressed(
    bits: PackedMasks, area: NDArray[np.int64], rest: NDArray[np.int64], best: np.int64
) -> NDArray[np.bool_]:
    """Which of `rest` go; only masks of a similar size are compared, the others cannot."""
    smaller, larger = np.minimum(area[rest], area[best]), np.maximum(area[rest], area[best])
    repeated: NDArray[np.bool_] = smaller >= CONTAINED_AREA_RATIO * larger
    close = rest[repeated]
    repeated[repeated] = _is_duplicate(intersection_areas(bits[close], bits[best]), area[close], area[best])
    return repeated


def _is_duplicate(shared: NDArray[np.int64], area: NDArray[np.int64], best: np.int64) -> NDArray[np.bool_]:
    smaller, larger = np.minimum(area, best), np.maximum(area, best)
    same = shared >= MASK_IOU_THRESHOLD * (area + best - shared)
    contained = (shared >= CONTAINMENT_THRESHOLD * smaller) & (smaller >= CONTAINED_AREA_RATIO * larger)
    return same | contained


def mask_boxes(found: CroppedCandidates, width: int, height: int) -> Floats:
    """Boxes of the masks in an image of `width` x `height` pixels, float32 [N, 4].

    As SAM has them: the columns and rows of the outermost pixels, x0, y0, x1, y1, the last ones inclusive. A
    mask without a pixel has zeros.
    """
    size = measuring_size(width, height)
    boxes = np.array([_box(found, index, *size) for index in range(len(found))], np.float32).reshape(-1, 4)
    scales = np.array([width / size[0], height / size[1]] * 2, np.float32)
    measured: Floats = boxes * scales
    return measured


def _box(found: CroppedCandidates, index: int, width: int, height: int) -> tuple[int, int, int, int]:
    row, column = found.corners[index].tolist()
    patch = upsample_logits(found.crops[index], (row, column), found.frame, width, height)
    mask = patch.logits > 0
    columns, rows = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(columns):
        return 0, 0, 0, 0
    x, y = patch.left, patch.top
    return x + int(columns[0]), y + int(rows[0]), x + int(columns[-1]), y + int(rows[-1])


BOX_IOU_THRESHOLD = 0.7
"""`box_nms_thresh` of SAM 2's automatic mask generator."""


def box_nms(boxes: Floats, quality: Floats) -> NDArray[np.int64]:
    """Indices of the boxes to keep, best quality first (ties: the earlier one).

    A box goes when a better one has an IoU above IOU with it, as in `torchvision.ops.nms`.

    Args:
        boxes: float32 [N, 4], x0, y0, x1, y1.
        quality: float32 [N].
    """
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    alive = np.argsort(-quality, kind="stable")
    kept = []
    while len(alive):
        best, rest = alive[0], alive[1:]
        kept.append(best)
        shared = _box_intersections(boxes[rest], boxes[best])
        alive = rest[shared <= BOX_IOU_THRESHOLD * (area[rest] + area[best] - shared)]
    return np.array(kept, np.int64)


def _box_intersections(boxes: Floats, one: Floats) -> Floats:
    sides = np.minimum(boxes[:, 2:], one[2:]) - np.maximum(boxes[:, :2], one[:2])
    shared: Floats = np.prod(np.maximum(sides, 0.0), axis=1)
    return shared


NOVELTY_WEIGHT = 0.5


def greedy_cover(bits: PackedMasks, quality: Floats, limit: int) -> NDArray[np.int64]:
    """Indices of at most `limit` masks that together cover the picture with good masks, best first.

    Greedy: each step takes the mask with the largest quality x sqrt(area) x (1 - NOVELTY + NOVELTY x the
    share of it that no chosen mask covers yet). Ties go to the earlier mask.

    Args:
        bits: Packed masks [N, words].
        quality: float32 [N].
        limit: At least 1.
    """
    area = np.maximum(mask_areas(bits), 1)
    worth = quality.astype(np.float64) * np.sqrt(area)
    covered = np.zeros_like(bits[0]) if len(bits) else np.zeros(0, np.uint64)
    chosen: list[int] = []
    while len(chosen) < min(limit, len(bits)):
        fresh = 1.0 - intersection_areas(bits, covered) / area
        gain = worth * (1.0 - NOVELTY_WEIGHT + NOVELTY_WEIGHT * fresh)
        gain[chosen] = -1.0
        chosen.append(int(np.argmax(gain)))
        covered = covered | bits[chosen[-1]]
    return np.array(chosen, np.int64)


SelectCandidates = Callable[[CroppedCandidates], CroppedCandidates]


@dataclass(frozen=True)
class MaskSelector:
    """One way to choose.

    Attributes:
        suppress: Removes what would not be in the answer anyway, best quality first; for use before the end.
        answer: What to answer with, best first.
    """

    suppress: SelectCandidates
    answer: SelectCandidates


def mask_selector(deduplication: Deduplication, width: int, height: int, max_masks: int) -> MaskSelector:
    """How to choose at most `max_masks` in an image of `width` x `height` pixels.

    With duplicates removed by masks those stay that together cover the picture; otherwise the best, as in
    SAM's generator.
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
