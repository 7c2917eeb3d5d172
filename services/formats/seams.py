"""Joins the rings of a mask to one ring, for formats that hold a single one."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.masks.formats import Polygon, Ring

Vertices = NDArray[np.int64]
"""int64 [N, 2], x and y of the vertices of a ring."""


@dataclass
class _RingTree:
    """A ring, and the rings that are reached from it.

    Attributes:
        vertices: The ring, from its leftmost vertex on.
        branches: Positions of vertices, and the ring that is reached from each.
    """

    vertices: Vertices
    branches: list[tuple[int, "_RingTree"]] = field(default_factory=list)


def joined_ring(polygons: list[Polygon]) -> Vertices:
    """Return one ring that fills the same pixels as the polygons with their holes.

    Each further ring is reached and left again over the same seam, which has no width. Holes run against the
    direction of outlines, so the ring is exact under the even-odd and the non-zero rule. Seams run along the
    edges of pixels, where no centre of a pixel lies, so that rounding cannot put one on the wrong side.

    Args:
        polygons: At least one.
    """
    trees = [_RingTree(_directed(ring, sign)) for one in polygons for ring, sign in _signed_rings(one)]
    trees.sort(key=lambda tree: (*tree.vertices[0].tolist(), len(tree.vertices)))
    starts = np.cumsum([0, *(len(tree.vertices) for tree in trees)])
    vertices = np.concatenate([tree.vertices for tree in trees])
    for number, tree in enumerate(trees[1:], 1):
        # Of the rings that begin farther left, the nearest vertex by city-block distance.
        near = int(np.argmin(np.abs(vertices[: starts[number]] - tree.vertices[0]).sum(axis=1)))
        parent = int(np.searchsorted(starts, near, side="right")) - 1
        trees[parent].branches.append((near - int(starts[parent]), tree))
    walk = _walk(trees)[:-1]
    return walk[np.any(walk != np.roll(walk, 1, axis=0), axis=1)]


def _signed_rings(polygon: Polygon) -> list[tuple[Ring, int]]:
    return [(polygon.exterior, 1), *((hole, -1) for hole in polygon.holes)]


def _directed(ring: Ring, sign: int) -> Vertices:
    """Return the ring in the direction of the sign of its area (shoelace formula), leftmost vertex first."""
    vertices: Vertices = np.array(ring, np.int64)
    x, y = vertices.T
    area = np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)
    directed = vertices if area * sign > 0 else vertices[::-1]
    return np.roll(directed, -int(np.lexsort((directed[:, 1], directed[:, 0]))[0]), axis=0)


def _walk(trees: list[_RingTree]) -> Vertices:
    """Return the walk around the first tree with all its branches, from its first vertex back to it.

    Args:
        trees: All trees, each behind the one that it branches off.
    """
    walks: dict[int, Vertices] = {}
    for tree in reversed(trees):
        pieces, at = [], 0
        for position, branch in sorted(tree.branches, key=lambda one: one[0]):
            seam = _bend(tree.vertices[position], branch.vertices[0])
            pieces += [tree.vertices[at : position + 1], seam, walks.pop(id(branch)), seam]
            at = position
        walks[id(tree)] = np.concatenate([*pieces, tree.vertices[at:], tree.vertices[:1]])
    return walks[id(trees[0])]


def _bend(start: Vertices, end: Vertices) -> Vertices:
    """Return the vertex [1, 2] in which a seam bends, or [0, 2] where it is straight."""
    return np.array([] if np.any(start == end) else [[start[0], end[1]]], np.int64).reshape(-1, 2)
