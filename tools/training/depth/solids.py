"""Intersects rays with textured solids: spheres, boxes, frustums and flat sheets.

A solid is a unit shape in a frame of its own, where every coordinate lies in -1..1 and y points up. A matrix
carries it into the world. The parameter of a ray stays the same, so what is solved for the unit shape holds
in the world.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats

MISS = np.float32(np.inf)
"""Ray parameter of a ray that does not hit."""

NEAREST = 1e-3
"""Least ray parameter of a hit, so that a surface casts no shadow on itself."""

Reals = NDArray[np.floating[Any]]
"""float32 or float64, any shape."""

Rgba = NDArray[np.uint8]
"""uint8 [H, W, 4], RGB and coverage; coverage below 128 is a hole."""

Hits = tuple[Reals, Reals, Reals]
"""Ray parameter [N], texture coordinates [2, N] in 0..1, and normal in the frame of the solid [3, N]."""

T = TypeVar("T", bound=np.generic)


@dataclass(frozen=True)
class Surface:
    """The surface of a solid.

    Attributes:
        texture: uint8 [h, w, 4].
        repeat: Number of tiles of the texture each way.
        relief: float32 [h, w] in 0..1, height of the surface towards the viewer.
        depth: Height of the highest relief, as a share of the distance to the viewer.
        lit: Strength of the shading, 0 for the plain texture to 1.
    """

    texture: Rgba
    repeat: float = 1.0
    relief: Floats | None = None
    depth: float = 0.0
    lit: float = 1.0


@dataclass(frozen=True)
class Solid:
    """A unit shape placed in the world.

    Attributes:
        shape: A key of SHAPES.
        matrix: float32 [3, 3], from the frame of the solid into the world.
        centre: float32 [3], in metres.
        surface: The surface.
        taper: Radius of a frustum at the top; it is 1 at the bottom.
    """

    shape: str
    matrix: Floats
    centre: Floats
    surface: Surface
    taper: float = 1.0

    def hit(self, origins: Floats, rays: Floats) -> Hits:
        """Return the first hits of rays [3, N] from origins [3, N] or [3, 1]; MISS where there is none."""
        inverse = np.linalg.inv(self.matrix)
        local = inverse @ (origins - self.centre[:, None])
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            t, uv, normal = SHAPES[self.shape](local, inverse @ rays, self.taper)
        t = np.where((t > NEAREST) & np.isfinite(t), t, MISS).astype(np.float32)
        return self._on_surface(t, np.clip(np.nan_to_num(uv), 0, 1), normal)

    def _on_surface(self, t: Reals, uv: Reals, normal: Reals) -> Hits:
        surface = self.surface
        t = np.where(sampled(surface.texture[:, :, 3], uv, surface.repeat) < 128, MISS, t)
        if surface.relief is not None:
            t = t * (1 - surface.depth * sampled(surface.relief, uv, 1.0))
        return t, uv, normal

    def world_normals(self, normal: Reals) -> Reals:
        """Return unit normals [3, N] in the world of normals [3, N] in the frame of the solid."""
        turned = np.linalg.inv(self.matrix).T @ normal
        unit: Reals = turned / (np.linalg.norm(turned, axis=0) + 1e-6)
        return unit


def sampled(image: NDArray[T], uv: Reals, repeat: float) -> NDArray[T]:
    """Return the pixels [N, ...] of an image [h, w, ...] at texture coordinates [2, N], tiled."""
    height, width = image.shape[:2]
    columns = (uv[0] * (repeat * width)).astype(np.int32) % width
    rows = (uv[1] * (repeat * height)).astype(np.int32) % height
    pixels: NDArray[T] = image[rows, columns]
    return pixels


def _sphere(origin: Reals, ray: Reals, _: float) -> Hits:
    a, b = (ray * ray).sum(0), (origin * ray).sum(0)
    root = np.sqrt(b * b - a * ((origin * origin).sum(0) - 1))
    t = (-b - root) / a
    p = origin + t * ray
    uv = np.stack([np.arctan2(p[0], -p[2]) / (2 * np.pi) + 0.5, 0.5 - 0.5 * p[1]])
    return t, uv, p


def _box(origin: Reals, ray: Reals, _: float) -> Hits:
    one, other = (-1 - origin) / ray, (1 - origin) / ray
    near = np.minimum(one, other)
    t = near.max(0)
    t = np.where(t <= np.maximum(one, other).min(0), t, MISS)
    axis = near.argmax(0)
    p = origin + t * ray
    u = np.where(axis == 0, p[2], p[0])
    v = np.where(axis == 1, p[2], p[1])
    normal = -np.sign(ray) * (axis == np.arange(3)[:, None])
    return t, np.stack([0.5 + 0.5 * u, 0.5 - 0.5 * v]), normal


def _frustum(origin: Reals, ray: Reals, taper: float) -> Hits:
    middle, slope = (1 + taper) / 2, (taper - 1) / 2
    radius = middle + slope * origin[1]
    a = ray[0] ** 2 + ray[2] ** 2 - (slope * ray[1]) ** 2 + 1e-9
    b = origin[0] * ray[0] + origin[2] * ray[2] - slope * radius * ray[1]
    root = np.sqrt(b * b - a * (origin[0] ** 2 + origin[2] ** 2 - radius**2))
    t = np.minimum((-b - root) / a, (-b + root) / a)
    t = np.where(np.abs(origin[1] + t * ray[1]) <= 1, t, MISS)
    cap = (-np.sign(ray[1]) - origin[1]) / ray[1]
    on_cap = (origin[0] + cap * ray[0]) ** 2 + (origin[2] + cap * ray[2]) ** 2
    capped = (on_cap < np.where(ray[1] < 0, taper, 1.0) ** 2) & (cap < np.nan_to_num(t, nan=np.inf))
    t = np.where(capped, cap, t)
    p = origin + t * ray
    side = np.stack([p[0], -slope * (middle + slope * p[1]), p[2]])
    normal = np.where(capped, np.stack([0 * t, -np.sign(ray[1] + 0 * t), 0 * t]), side)
    uv = np.stack([np.arctan2(p[0], -p[2]) / (2 * np.pi) + 0.5, 0.5 - 0.5 * p[1]])
    return t, np.where(capped, np.stack([0.5 + 0.5 * p[0], 0.5 + 0.5 * p[2]]), uv), normal


def _sheet(origin: Reals, ray: Reals, _: float) -> Hits:
    t = -origin[2] / ray[2]
    x, y = origin[0] + t * ray[0], origin[1] + t * ray[1]
    t = np.where((np.abs(x) <= 1) & (np.abs(y) <= 1), t, MISS)
    normal = np.stack([0 * t, 0 * t, -np.sign(ray[2] + 0 * t)])
    return t, np.stack([0.5 + 0.5 * x, 0.5 - 0.5 * y]), normal


SHAPES: dict[str, Callable[[Reals, Reals, float], Hits]] = {
    "sphere": _sphere,
    "box": _box,
    "frustum": _frustum,
    "sheet": _sheet,
}
"""Functions that intersect rays with a unit shape, given origins [3, N], rays [3, N] and the taper."""
