"""Finds places for the tags of regions: inside the image, near their regions, not over each other."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats, Mask
from services.masks.formats import Box

PixelSize = tuple[int, int]
"""Width and height in pixels."""

TAG_ASPECT = 3
"""Ratio of width to height at which the room for tags is measured, since tags are wide."""

_ANCHOR_MASK_SIDE = 80
"""Largest side, in samples, of the thinned mask in which anchors are searched."""

_MAX_ANCHORS = 4

_CENTRING_WEIGHT = 0.12
"""Room that an anchor may lose for being one sample nearer to the region's centre of mass."""

_MAX_COVERED_FRACTION = 0.2
"""Largest fraction of the image that all tags together may cover."""

_MAX_INSIDE_FRACTION = 0.06
"""Fraction of the region's box below which a tag is put inside the region."""

_MAX_FIT_RATIO = 1.25
"""Ratio of the tag's size to the room at its best anchor up to which it is put inside the region."""

_MIN_FILLED_FRACTION = 0.35
"""Filled fraction of its box below which a region has its tag inside: other things lie beside it."""


@dataclass(frozen=True)
class TagAnchor:
    """A point well inside a region.

    Attributes:
        x: Column.
        y: Row.
        room: Half height in pixels of the ellipse around the point that lies inside the region; its half
            width
            is TAG_ASPECT times as large.
    """

    x: float
    y: float
    room: float


@dataclass(frozen=True)
class TagRequest:
    """A tag to place.

    Attributes:
        sizes: Size of the tag for each of its texts, the preferred text first.
        box: Bounding box of the region.
        anchors: Points inside the region, the one with most room first.
        filled: Fraction of its box that the region fills.
    """

    sizes: Sequence[PixelSize]
    box: Box
    anchors: Sequence[TagAnchor]
    filled: float = 1.0


@dataclass(frozen=True)
class TagPlacement:
    """The place of one tag.

    Attributes:
        request: Index of its request.
        text: Index of the text that fits.
        box: Box of the tag.
    """

    request: int
    text: int
    box: Box


def place_tags(requests: Sequence[TagRequest], frame: PixelSize, gap: int) -> list[TagPlacement]:
    """Give each request in turn the first free place; a tag that finds none is left out.

    All tags together cover at most _MAX_COVERED_FRACTION of the image, so that they do not hide it.

    Args:
        requests: Tags to place, the most important first.
        frame: Width and height of the image.
        gap: Pixels kept free around each tag.
    """
    places: list[TagPlacement] = []
    for index, request in enumerate(requests):
        taken = [place.box for place in places]
        left = _MAX_COVERED_FRACTION * frame[0] * frame[1] - sum(box[2] * box[3] for box in taken)
        for text, size in enumerate(request.sizes):
            box = _first_free(request, size, frame, gap, taken)
            if box is not None and (size[0] * size[1] <= left or not taken):
                places.append(TagPlacement(index, text, box))
                break
    return places


def _first_free(
    request: TagRequest, size: PixelSize, frame: PixelSize, gap: int, taken: Sequence[Box]
) -> Box | None:
    if size[0] + 2 * gap > frame[0] or size[1] + 2 * gap > frame[1]:
        return None
    for corner in _corners(request, size, gap):
        box = _clamp_box(corner, size, frame, gap)
        if not any(_boxes_overlap(box, other, gap) for other in taken):
            return box
    return None


def _corners(request: TagRequest, size: PixelSize, gap: int) -> Iterator[tuple[float, float]]:
    """Yield the top left corners to try; a tag that would hide its region is tried beside it first."""
    width, height = size
    inside = [(anchor.x - width / 2, anchor.y - height / 2) for anchor in request.anchors]
    beside = _beside(request.box, size, gap)
    yield from [*inside, *beside] if _suits_inside(request, size) else [*beside, *inside]


def _suits_inside(request: TagRequest, size: PixelSize) -> bool:
    """Return whether the tag hides little of the region, nearly fits into it, or would mislead beside it."""
    width, height = size
    if (
        width * height < _MAX_INSIDE_FRACTION * request.box[2] * request.box[3]
        or request.filled < _MIN_FILLED_FRACTION
    ):
        return True
    room = request.anchors[0].room if request.anchors else 1.0
    return math.hypot(width / TAG_ASPECT, height) / 2 < _MAX_FIT_RATIO * room


def _beside(box: Box, size: PixelSize, gap: int) -> list[tuple[float, float]]:
    """Return the top left corners of tags above, below, right and left of a box, in order of preference."""
    x, y, width, height = box
    above, below = y - size[1] - gap, y + height + gap
    middle_x, middle_y = x + (width - size[0]) / 2, y + (height - size[1]) / 2
    return [
        (middle_x, above),
        (middle_x, below),
        (x + width + gap, middle_y),
        (x - size[0] - gap, middle_y),
        (x, above),
        (x + width - size[0], above),
        (x, below),
        (x + width - size[0], below),
    ]


def _clamp_box(corner: tuple[float, float], size: PixelSize, frame: PixelSize, gap: int) -> Box:
    x, y = (
        round(min(max(start, gap), side - length - gap))
        for start, length, side in zip(corner, size, frame, strict=True)
    )
    return x, y, *size


def _boxes_overlap(one: Box, other: Box, gap: int) -> bool:
    return all(
        one[axis] < other[axis] + other[axis + 2] + gap and other[axis] < one[axis] + one[axis + 2] + gap
        for axis in (0, 1)
    )


def tag_anchors(mask: Mask, origin: tuple[int, int]) -> tuple[TagAnchor, ...]:
    """Find the points with most room in a mask, most first, by a distance transform at low resolution.

    Args:
        mask: bool [h, w], a part of the image.
        origin: Column and row of the image at which the mask starts.
    """
    height, width = mask.shape
    step = math.ceil(max(height, width / TAG_ASPECT) / _ANCHOR_MASK_SIDE)
    small = np.pad(mask[::step, :: TAG_ASPECT * step].view(np.uint8), 1)
    room = cv2.distanceTransform(small, cv2.DIST_L2, 3)
    appeal = np.where(room > 0, room - _CENTRING_WEIGHT * _off_centre(small), -np.inf).astype(np.float32)
    x, y = origin
    found = []
    for _ in range(_MAX_ANCHORS):
        _, best, _, (column, row) = cv2.minMaxLoc(appeal)
        if best == -np.inf:
            break
        radius = float(room[row, column])
        found.append(TagAnchor(x + (column - 1) * TAG_ASPECT * step, y + (row - 1) * step, radius * step))
        cv2.circle(appeal, (column, row), math.ceil(radius), -np.inf, cv2.FILLED)
    return tuple(found)


def _off_centre(small: NDArray[np.uint8]) -> Floats:
    """Return the distance of each pixel to the centre of mass of a mask, in pixels, float32 [h, w]."""
    rows, columns = np.nonzero(small)
    if not len(rows):
        return np.zeros(small.shape, np.float32)
    down = np.arange(small.shape[0])[:, None] - rows.mean()
    across = np.arange(small.shape[1]) - columns.mean()
    distance: Floats = np.hypot(down, across).astype(np.float32)
    return distance
