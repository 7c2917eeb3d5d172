"""Converts masks to the formats of answers and back: COCO run-length code (RLE) and polygons."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from domain.arrays import Mask
from domain.masks import Rle

Box = tuple[int, int, int, int]
"""A box x, y, width, height in pixels."""

Ring = list[list[int]]
"""A closed ring of vertices [[x, y], ...], the first not repeated at the end."""

# Eight compass steps (x, y) that turn from east towards south; the odd ones point at a pixel's corners.
_STEPS = np.array([[1, 0], [1, 1], [0, 1], [-1, 1], [-1, 0], [-1, -1], [0, -1], [1, -1]])
_STEP_INDEX = np.array([[5, 6, 7], [4, -1, 0], [3, 2, 1]])
_CORNERS = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])


@dataclass(frozen=True)
class Polygon:
    """One 8-connected part of a mask, outlined along the edges of its pixels.

    The pixel in column x and row y covers [x, x + 1] x [y, y + 1], as boxes have it. A pixel belongs to the
    part exactly when its centre (x + 0.5, y + 0.5) is inside `exterior` and outside all `holes`.

    Attributes:
        exterior: The outer ring, at least 4 vertices.
        holes: Rings of 4-connected background inside it.
    """

    exterior: Ring
    holes: list[Ring]


def encode_rle(mask: Mask) -> Rle:
    """Encode the mask bool [H, W] as COCO's compressed run-length code, with pycocotools."""
    code = coco.encode(np.asfortranarray(mask, dtype=np.uint8))
    return Rle(mask.shape[0], mask.shape[1], code["counts"].decode("ascii"))


def encode_placed_rle(mask: Mask, x: int, y: int, width: int, height: int) -> Rle:
    """Encode an image of `width` x `height` pixels that is empty but for `mask`, bool [h, w], placed at x, y.

    The image itself is never made, so that memory and time depend on the size of the mask alone.
    """
    rows = mask.shape[0] + 2
    columns = np.pad(mask.T, ((0, 0), (1, 1)))
    edges = np.flatnonzero(np.diff(columns.ravel().view(np.int8)))
    places = (x + edges // rows) * height + y + edges % rows
    # Where a run ends at the foot of a column and the next one begins at the head, they are one run.
    ends, counts = np.unique(places, return_counts=True)
    runs = np.diff(np.concatenate([[0], ends[counts == 1], [width * height]])).tolist()
    trimmed = runs if runs[-1] else runs[:-1]
    code = coco.frPyObjects({"size": [height, width], "counts": trimmed}, height, width)
    return Rle(height, width, code["counts"].decode("ascii"))


def decode_rle(rle: Rle) -> Mask:
    """Decode a run-length code to the mask bool [H, W]."""
    pixels: NDArray[np.uint8] = coco.decode(coco_rle(rle))
    return pixels.view(np.bool_)


def rle_area(rle: Rle) -> int:
    """Count the pixels of a mask without decoding it."""
    return int(coco.area(coco_rle(rle)))


def coco_rle(rle: Rle) -> dict[str, object]:
    """Return the code in the form that pycocotools takes."""
    return {"size": [rle.height, rle.width], "counts": rle.counts.encode("ascii")}


def crop_mask(rle: Rle, box: Box) -> Mask:
    """Decode the part of a mask inside `box`: bool [height, width], contiguous."""
    x, y, width, height = box
    # Run-length code is column-major: the transposed mask is contiguous, and OpenCV turns it around fast.
    columns = decode_rle(rle).T[x : x + width, y : y + height]
    return np.asarray(cv2.transpose(columns.view(np.uint8))).view(np.bool_)


def mask_polygons(mask: Mask) -> list[Polygon]:
    """Trace the outlines of all parts and holes of the mask bool [H, W]; filling them gives the mask again.

    Borders are followed by cv2.findContours (Suzuki and Abe, 1985) through the centres of pixels and then
    moved out to their edges.
    """
    found, tree = cv2.findContours(mask.view(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    if not found:
        return []
    rings = [_edge_ring(contour[:, 0].astype(np.int64)) for contour in found]
    parents: list[int] = tree[0, :, 3].tolist()
    holes: dict[int, list[Ring]] = {part: [] for part, parent in enumerate(parents) if parent < 0}
    for hole, parent in enumerate(parents):
        if parent >= 0:
            holes[parent].append(rings[hole])
    return [Polygon(rings[part], inner) for part, inner in holes.items()]


def _edge_ring(centres: NDArray[np.int64]) -> Ring:
    """Return the outline along pixel edges of a border given as pixels [N, 2], each a neighbour of the next.

    OpenCV keeps the background on one side of the walk, so around each pixel it sweeps the corners met when
    turning (against the order of _STEPS) from the pixel behind to the pixel ahead.
    """
    if len(centres) == 1:
        return _without_collinear(centres + _CORNERS)
    ahead = np.roll(centres, -1, axis=0) - centres
    leaving = _STEP_INDEX[ahead[:, 1] + 1, ahead[:, 0] + 1]
    behind = np.roll(leaving, 1) + 4
    sweep = np.arange(1, 9)
    facing = (behind[:, None] - sweep) % 8
    until = (behind - leaving - 1) % 8 + 1
    swept = (sweep <= until[:, None]) & (facing % 2 == 1)
    corners = (centres[:, None] + (_STEPS[facing] + 1) // 2)[swept]
    return _without_collinear(corners)


def _without_collinear(ring: NDArray[np.int64]) -> Ring:
    """Return the ring [N, 2] without repeated vertices and those in the middle of a straight line."""
    ring = ring[np.any(ring != np.roll(ring, 1, axis=0), axis=1)]
    heading = np.roll(ring, -1, axis=0) - ring
    turns = np.any(np.sign(heading) != np.sign(np.roll(heading, 1, axis=0)), axis=1)
    vertices: Ring = ring[turns].tolist()
    return vertices
