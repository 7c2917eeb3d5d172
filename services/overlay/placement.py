"""Where names go: inside the picture, near their regions, not over each other."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.masks.formats import Box
from services.overlay.regions import TAG_ASPECT, TagAnchor

PixelSize = tuple[int, int]
"""Width and height in pixels."""

_MAX_COVERED_FRACTION = 0.2
_MAX_INSIDE_FRACTION = 0.06
_MAX_FIT_RATIO = 1.25
_MIN_FILLED_FRACTION = 0.35
"""Around regions that fill less of their box, most of what is beside the box belongs to something else."""


@dataclass(frozen=True)
class TagRequest:
    """A name that wants a place.

    Attributes:
        sizes: Of the name's box, for each wording, the preferred one first.
        box: Of the region.
        tag_anchors: Places inside the region, roomiest first.
        filled: Share of its box that the region takes.
    """

    sizes: Sequence[PixelSize]
    box: Box
    tag_anchors: Sequence[TagAnchor]
    filled: float = 1.0


@dataclass(frozen=True)
class TagPlacement:
    """Where one name goes.

    Attributes:
        request: Its index among the requests.
        tag_text: Index of the wording that found room.
        box: Of the name.
    """

    request: int
    tag_text: int
    box: Box


def place_tags(requests: Sequence[TagRequest], frame: PixelSize, gap: int) -> list[TagPlacement]:
    """Give each request in turn the first free place; one that finds none is left out.

    All names together cover a fifth of the picture at most, or it would be hidden by them.

    Args:
        requests: The most important first.
        frame: Width and height of the picture.
        gap: Pixels kept free around each name.
    """
    places: list[TagPlacement] = []
    for index, request in enumerate(requests):
        taken = [place.box for place in places]
        left = _MAX_COVERED_FRACTION * frame[0] * frame[1] - sum(box[2] * box[3] for box in taken)
        for tag_text, size in enumerate(request.sizes):
            box = _first_free(request, size, frame, gap, taken)
            if box is not None and (size[0] * size[1] <= left or not taken):
                places.append(TagPlacement(index, tag_text, box))
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
    """Top left corners to try. A name that would hide its region goes beside it."""
    width, height = size
    inside = [(anchor.x - width / 2, anchor.y - height / 2) for anchor in request.tag_anchors]
    beside = _beside(request.box, size, gap)
    yield from [*inside, *beside] if _suits_inside(request, size) else [*beside, *inside]


def _suits_inside(request: TagRequest, size: PixelSize) -> bool:
    """Whether the name leaves most of the region to see, nearly fits into it, or would mislead beside it."""
    width, height = size
    if (
        width * height < _MAX_INSIDE_FRACTION * request.box[2] * request.box[3]
        or request.filled < _MIN_FILLED_FRACTION
    ):
        return True
    room = request.tag_anchors[0].room if request.tag_anchors else 1.0
    return math.hypot(width / TAG_ASPECT, height) / 2 < _MAX_FIT_RATIO * room


def _beside(box: Box, size: PixelSize, gap: int) -> list[tuple[float, float]]:
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
