"""Paints chosen regions as segments that do not overlap."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats, Mask
from domain.masks import Region
from services.masks.formats import decode_rle, encode_rle
from services.masks.options import DEFAULT_MIN_AREA_FRACTION
from services.panoptic.explain import Explanations

SegmentIds = NDArray[np.uint16]
"""uint16 [H, W]: number of the segment at each pixel, counted from 1; 0 where nothing is explained."""


@dataclass(frozen=True)
class Segment:
    """One object, or all areas of one stuff.

    Attributes:
        region: Its visible pixels; quality and stability are those of the region that was chosen, and of
            stuff in several pieces their means by area.
        label: Number of its label.
        is_thing: False for stuff.
        probabilities: float32 [L + 1], of the labels and, last, the reject class.
    """

    region: Region
    label: int
    is_thing: bool
    probabilities: Floats


def paint_segments(
    regions: Sequence[Region], chosen: Sequence[int], explained: Explanations, stuff: Mask
) -> tuple[list[Segment], SegmentIds]:
    """Paint the chosen regions, small ones over large ones; return the segments and the map of their ids.

    Stuff of one label becomes one segment. Small gaps between segments go to the neighbour with the longest
    border. What is painted over completely is no segment.

    Args:
        regions: All regions of the image, of which there is at least one.
        chosen: Indices of the chosen ones, best first.
        explained: Labels and probabilities of the regions.
        stuff: bool [L], true for labels that are stuff.
    """
    groups = _groups(chosen, explained, stuff)
    number = {index: place + 1 for place, group in enumerate(groups) for index in group}
    ids = np.zeros((regions[0].rle.height, regions[0].rle.width), np.uint16)
    for index in sorted(chosen, key=lambda index: -regions[index].area):
        ids[decode_rle(regions[index].rle)] = number[index]
    _fill_gaps(ids)
    visible = [place for place in np.unique(ids).tolist() if place]
    segments = [
        _segment(ids == place, group, regions, explained, not stuff[explained.labels[group[0]]])
        for place in visible
        for group in [groups[place - 1]]
    ]
    renumbered = np.zeros(len(groups) + 1, np.uint16)
    renumbered[visible] = np.arange(1, len(visible) + 1)
    return segments, renumbered[ids]


def _groups(chosen: Sequence[int], explained: Explanations, stuff: Mask) -> list[list[int]]:
    """Return the regions of each segment, in order; things stay alone."""
    groups: dict[tuple[str, int], list[int]] = {}
    for index in chosen:
        label = int(explained.labels[index])
        key = ("stuff", label) if stuff[label] else ("thing", index)
        groups.setdefault(key, []).append(index)
    return list(groups.values())


def _fill_gaps(ids: SegmentIds) -> None:
    """Give unexplained parts below the least area of a region to the neighbour with the longest border."""
    free = (ids == 0).view(np.uint8)
    count, parts, stats, _ = cv2.connectedComponentsWithStats(free, connectivity=4)
    least = DEFAULT_MIN_AREA_FRACTION * ids.size
    for part in range(1, count):
        x, y, w, h, area = stats[part].tolist()
        if area < least:
            box = slice(max(y - 1, 0), y + h + 1), slice(max(x - 1, 0), x + w + 1)
            gap = parts[box] == part
            border = cv2.dilate(gap.view(np.uint8), np.ones((3, 3), np.uint8)).view(np.bool_) & ~gap
            ids[box][gap] = _most_frequent(ids[box][border])


def _most_frequent(ids: SegmentIds) -> int:
    """Return the most frequent id above 0 of ids [K]; 0 if there is none."""
    counts = np.bincount(ids[ids > 0], minlength=1)
    return int(counts.argmax())


def _segment(
    mask: Mask, group: Sequence[int], regions: Sequence[Region], explained: Explanations, is_thing: bool
) -> Segment:
    """Return the segment of the visible pixels of the regions in `group`."""
    areas = np.array([regions[index].area for index in group], np.float64)
    shares = areas / areas.sum()
    x, y, w, h = cv2.boundingRect(mask.view(np.uint8))
    region = Region(
        encode_rle(mask),
        (x, y, w, h),
        int(np.count_nonzero(mask)),
        float(shares @ [regions[index].quality for index in group]),
        float(shares @ [regions[index].stability for index in group]),
    )
    probabilities = (shares @ explained.probabilities[group]).astype(np.float32)
    return Segment(region, int(explained.labels[group[0]]), is_thing, probabilities)
