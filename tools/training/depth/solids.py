"""Solids that a ray can hit: spheres, boxes, frustums and flat sheets, stretched, turned and textured.

A solid is a unit shape in its own frame (every coordinate within -1..1, y up) carried into the world by a
matrix. A ray's parameter survives that, so what is solved for the unit shape holds in the world.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats

MISS = np.float32(np.inf)
NEAREST = 1e-3
"""Hits nearer than this along the ray do not count: a surface casts no shadow on itself."""

Hits = tuple[Floats, Floats, Floats]
"""Ray parameter [N], texture coordinates [2, N] in 0..1, normal in the solid's frame [3, N]."""


@dataclass(frozen=True)
class Surface:
    """What a solid looks like.

    Attributes:
        texture: uint8 [h, w, 4], RGB and coverage (below 128 is a hole).
        repeat: How often it is tiled each way.
        relief: float32 [h, w] in 0..1, how far the surface stands out towards the viewer.
        depth: Share of the distance that the highest relief stands out.
        lit: 0 shows the texture as it is, 1 shades it fully.
    """

    texture: NDArray[np.uint8]
    repeat: float = 1.0
    relief: Floats | None = None
    depth: float = 0.0
    lit: float = 1.0


@dataclass(frozen=True)
class Solid:
    """A unit shape placed in the world.

    Attributes:
        shape: A key of SHAPES.
        matrix: float32 [3, 3], from its frame into the world.
        centre: float32 [3], metres.
        surface: Its looks.
        taper: Of a frustum: radius at the top, 1 at the bottom.
    """

    shape: str
    matrix: Floats
    centre: Floats
    surface: Surface
    taper: float = 1.0

    def hit(self, origins: Floats, rays: Floats) -> Hits:
        """Where rays [3, N] from origins [3, N] or [3, 1] first meet the solid; MISS where never."""
        inverse = np.linalg.inv(self.matrix)
        local = inverse @ (origins - self.centre[:, None])
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            t, uv, normal = SHAPES[self.shape](local, inverse @ rays, self.taper)
        t = np.where((t > NEAREST) & np.isfinite(t), t, MISS).astype(np.float32)
        return self._with_looks(t, np.clip(np.nan_to_num(uv), 0, 1), normal)

    def _with_looks(self, t: Floats, uv: Floats, normal: Floats) -> Hits:
        surface = self.surface
        t = np.where(looked_up(surface.texture[:, :, 3], uv, surface.repeat) < 128, MISS, t)
        if surface.relief is not None:
            t = t * (1 - surface.depth * looked_up(surface.relief, uv, 1.0))
        return t, uv, normal

    def world_normals(self, normal: Floats) -> Floats:
        """Unit normals [3, N] in the world of normals in the solid's frame."""
        turned = np.linalg.inv(self.matrix).T @ normal
        return turned / (np.linalg.norm(turned, axis=0) + 1e-6)


def looked_up(image: NDArray[np.generic], uv: Floats, repeat: float) -> NDArray[np.generic]:
    """The pixels of an image [h, w, ...] at texture coordinates [2, N], tiled."""
    height, width = image.shape[:2]
    columns = (uv[0] * (repeat * width)).astype(np.int32) % width
    rows = (uv[1] * (repeat * height)).astype(np.int32) % height
    return image[rows, columns]


def _sphere(origin: Floats, ray: Floats, _: float) -> Hits:
    a, b = (ray * ray).sum(0), (origin * ray).sum(0)
    root = np.sqrt(b * b - a * ((origin * origin).sum(0) - 1))
    t = (-b - root) / a
    p = origin + t * ray
    uv = np.stack([np.arctan2(p[0], -p[2]) / (2 * np.pi) + 0.5, 0.5 - 0.5 * p[1]])
    return t, uv, p


def _box(origin: Floats, ray: Floats, _: float) -> Hits:
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


def _frustum(origin: Floats, ray: Floats, taper: float) -> Hits:
    middle, slope = (1 + taper) / 2, (taper - 1) / 2
    radius = middle + slope * origin[1]
    a = ray[0] ** 2 + ray[2] ** 2 - (slope * ray[1]) ** 2 + 1e-9
    b = origin[0] * ray[0] + origin[2] * ray[2] - slope * radius * ray[1]
    root = np.sqrt(b * b - a * (origin[0] ** 2 + origin[2] ** 2 - radius**2))
    t = np.minimum((-b - root) / a, (-b + root) / a)
    t = np.where(np.abs(origin[1] + t * ray[1]) <= 1, t, MISS)
    cap = (-np.sign(ray[1]) - origin[1]) / ray[1]
    on_cap = (origin[0] + cap * ray[0]) ** 2 + (origin[2] + cap * ray[2]) ** 2
    capped = (on_cap < np.where(ray[1] < 0, taper, 1.0) ** 2) & (cap < np.nan_to_num(t, nan=MISS))
    t = np.where(capped, cap, t)
    p = origin + t * ray
    side = np.stack([p[0], -slope * (middle + slope * p[1]), p[2]])
    normal = np.where(capped, np.stack([0 * t, -np.sign(ray[1] + 0 * t), 0 * t]), side)
    uv = np.stack([np.arctan2(p[0], -p[2]) / (2 * np.pi) + 0.5, 0.5 - 0.5 * p[1]])
    return t, np.where(capped, np.stack([0.5 + 0.5 * p[0], 0.5 + 0.5 * p[2]]), uv), normal


def _sheet(origin: Floats, ray: Floats, _: float) -> Hits:
    t = -origin[2] / ray[2]
    x, y = origin[0] + t * ray[0], origin[1] + t * ray[1]
    t = np.where((np.abs(x) <= 1) & (np.abs(y) <= 1), t, MISS)
    normal = np.stack([0 * t, 0 * t, -np.sign(ray[2] + 0 * t)])
    return t, np.stack([0.5 + 0.5 * x, 0.5 - 0.5 * y]), normal


SHAPES: dict[str, Callable[[Floats, Floats, float], Hits]] = {
    "sphere": _sphere,
    "box": _box,
    "frustum": _frustum,
    "sheet": _sheet,
}
