"""Where names go: inside the picture, near their regions, not over each other."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.masks.formats import Box
from services.overlay.regions import WIDE, Spot

Size = tuple[int, int]
"""Width and height in pixels."""

_MOST = 0.2
_LITTLE = 0.06
_TIGHT = 1.25
_HOLLOW = 0.35
"""Around regions that fill less of their box, most of what is beside the box belongs to something else."""


@dataclass(frozen=True)
class NameRequest:
    """A name that wants a place.

    Attributes:
        sizes: Of the name's box, for each wording, the preferred one first.
        box: Of the region.
        spots: Places inside the region, roomiest first.
        filled: Share of its box that the region takes.
    """

    sizes: Sequence[Size]
    box: Box
    spots: Sequence[Spot]
    filled: float = 1.0


@dataclass(frozen=True)
class Place:
    """Where one name goes.

    Attributes:
        request: Its index among the requests.
        wording: Index of the wording that found room.
        box: Of the name.
    """

    request: int
    wording: int
    box: Box


def place_names(requests: Sequence[NameRequest], frame: Size, gap: int) -> list[Place]:
    """Give each request in turn the first free place; one that finds none is left out.

    All names together cover a fifth of the picture at most, or it would be hidden by them.

    Args:
        requests: The most important first.
        frame: Width and height of the picture.
        gap: Pixels kept free around each name.
    """
    places: list[Place] = []
    for index, request in enumerate(requests):
        taken = [place.box for place in places]
        left = _MOST * frame[0] * frame[1] - sum(box[2] * box[3] for box in taken)
        for wording, size in enumerate(request.sizes):
            box = _first_free(request, size, frame, gap, taken)
            if box is not None and (size[0] * size[1] <= left or not taken):
                places.append(Place(index, wording, box))
                break
    return places


def _first_free(request: NameRequest, size: Size, frame: Size, gap: int, taken: Sequence[Box]) -> Box | None:
    if size[0] + 2 * gap > frame[0] or size[1] + 2 * gap > frame[1]:
        return None
    for corner in _corners(request, size, gap):
        box = _moved_inside(corner, size, frame, gap)
        if not any(_overlap(box, other, gap) for other in taken):
            return box
    return None


def _corners(request: NameRequest, size: Size, gap: int) -> Iterator[tuple[float, float]]:
    """Top left corners to try. A name that would hide its region goes beside it."""
    width, height = size
    inside = [(spot.x - width / 2, spot.y - height / 2) for spot in request.spots]
    beside = _beside(request.box, size, gap)
    yield from [*inside, *beside] if _suits_inside(request, size) else [*beside, *inside]


def _suits_inside(request: NameRequest, size: Size) -> bool:
    """Whether the name leaves most of the region to see, nearly fits into it, or would mislead beside it."""
    width, height = size
    if width * height < _LITTLE * request.box[2] * request.box[3] or request.filled < _HOLLOW:
        return True
    room = request.spots[0].room if request.spots else 1.0
    return math.hypot(width / WIDE, height) / 2 < _TIGHT * room


def _beside(box: Box, size: Size, gap: int) -> list[tuple[float, float]]:
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


def _moved_inside(corner: tuple[float, float], size: Size, frame: Size, gap: int) -> Box:
    x, y = (
        round(min(max(start, gap), side - length - gap))
        for start, length, side in zip(corner, size, frame, strict=True)
    )
    return x, y, *size


def _overlap(one: Box, other: Box, gap: int) -> bool:
    return all(
        one[axis] < other[axis] + other[axis + 2] + gap and other[axis] < one[axis] + one[axis + 2] + gap
        for axis in (0, 1)
    )
