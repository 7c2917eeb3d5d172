"""Joins the rings of a mask to one ring, for formats that hold a single one."""

import numpy as np
from numpy.typing import NDArray

from services.masks.formats import Polygon, Ring

Vertices = NDArray[np.int64]
"""int64 [N, 2], x and y of the vertices of a ring."""

_MAX_PAIRS = 200_000
"""Pairs of vertices among which the nearest is sought; of a longer ring every few vertices are tried."""


def joined_ring(polygons: list[Polygon]) -> Vertices:
    """Return one ring that fills the same pixels as the polygons with their holes.

    Each further ring is reached and left again over the same seam, which has no width. Holes run against the
    direction of outlines, so the ring is exact under the even-odd and the non-zero rule. Seams run along the
    edges of pixels, where no centre of a pixel lies, so that rounding cannot put one on the wrong side.

    Args:
        polygons: At least one.
    """
    rings = [_directed(ring, sign) for one in polygons for ring, sign in _signed_rings(one)]
    path = rings[0]
    for ring in rings[1:]:
        path = _with_seam(path, ring)
    return path[np.any(path != np.roll(path, 1, axis=0), axis=1)]


def _signed_rings(polygon: Polygon) -> list[tuple[Ring, int]]:
    return [(polygon.exterior, 1), *((hole, -1) for hole in polygon.holes)]


def _directed(ring: Ring, sign: int) -> Vertices:
    """Return the ring in the direction in which its area by the shoelace formula has the sign."""
    vertices: Vertices = np.array(ring, np.int64)
    x, y = vertices.T
    area = np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)
    return vertices if area * sign > 0 else vertices[::-1]


def _with_seam(path: Vertices, ring: Vertices) -> Vertices:
    """Return the path with a walk to the ring, around it and back, from near vertices of both."""
    leave, enter = _near_pair(path, ring)
    around = np.roll(ring, -enter, axis=0)
    bend = [path[leave, 0], around[0, 1]]
    # The vertex in which the seam bends is left out where the seam is straight.
    corner = np.array([bend] if not _same_line(path[leave], around[0]) else [], np.int64).reshape(-1, 2)
    walk = [path[: leave + 1], corner, around, around[:1], corner, path[leave:]]
    return np.concatenate(walk)


def _same_line(one: Vertices, other: Vertices) -> bool:
    return bool(np.any(one == other))


def _near_pair(path: Vertices, ring: Vertices) -> tuple[int, int]:
    """Return the positions of a vertex of the path and one of the ring, near by city-block distance."""
    step = 1 + len(path) * len(ring) // _MAX_PAIRS
    tried = ring[::step]
    distance = np.abs(path[:, None] - tried).sum(axis=2)
    leave, enter = np.unravel_index(int(np.argmin(distance)), distance.shape)
    return int(leave), int(enter) * step
