"""Which masks of a grid are in the answer: without duplicates, and no more than asked for."""

from collections.abc import Callable
from dataclasses import dataclass

from services.masks.box_nms import distinct_boxes
from services.masks.candidates import Shortlist
from services.masks.mask_boxes import mask_boxes
from services.masks.nms import distinct
from services.masks.options import Deduplication
from services.masks.selection import cover

Step = Callable[[Shortlist], Shortlist]


@dataclass(frozen=True)
class Chooser:
    """One way to choose.

    Attributes:
        thin: Removes what would not be in the answer anyway, best quality first; for use before the end.
        answer: What to answer with, best first.
    """

    thin: Step
    answer: Step


def chooser(deduplication: Deduplication, width: int, height: int, max_masks: int) -> Chooser:
    """How to choose at most `max_masks` in an image of `width` x `height` pixels.

    With duplicates removed by masks those stay that together cover the picture; otherwise the best, as in
    SAM's generator.
    """

    def best(found: Shortlist) -> Shortlist:
        return found.best(max_masks)

    def by_masks(found: Shortlist) -> Shortlist:
        return found.take(distinct(found.bits, found.quality))

    def by_boxes(found: Shortlist) -> Shortlist:
        return found.take(distinct_boxes(mask_boxes(found, width, height), found.quality))

    def covering(found: Shortlist) -> Shortlist:
        kept = by_masks(found)
        return kept.take(cover(kept.bits, kept.quality, max_masks))

    match deduplication:
        case "mask":
            return Chooser(by_masks, covering)
        case "box":
            return Chooser(by_boxes, lambda found: best(by_boxes(found)))
        case "none":
            return Chooser(best, best)
