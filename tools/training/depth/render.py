"""Renders an image of solids and its exact inverse depth, with one ray per pixel."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np

from domain.arrays import Floats, Rgb
from tools.training.depth.camera import Camera
from tools.training.depth.solids import MISS, Solid, sampled

CORNERS: Floats = np.array(list(product([-1, 1], repeat=3)), np.float32).T
"""Corners of the unit cube, float32 [3, 8]."""

SKY_DEPTH = np.float32(1e4)
"""Depth of the sky in metres."""


@dataclass(frozen=True)
class Light:
    """The light of a scene.

    Attributes:
        direction: Unit vector towards the light, float32 [3].
        ambient: Share of the light that comes from all directions.
        colour: Factors of red, green and blue around 1, float32 [3].
        fog: Extinction per metre; 0 is clear air.
        casts: True if things cast shadows.
        exposure: Mean brightness of the image, 0..255.
    """

    direction: Floats
    ambient: float
    colour: Floats
    fog: float
    casts: bool
    exposure: float


@dataclass(frozen=True)
class Scene:
    """A scene.

    Attributes:
        camera: The camera.
        solids: The solids, in any order.
        light: The light.
        sky: Image behind everything, uint8 [h, w, 3].
    """

    camera: Camera
    solids: Sequence[Solid]
    light: Light
    sky: Rgb


def render(scene: Scene, height: int, width: int) -> tuple[Rgb, Floats]:
    """Return the image, uint8 [height, width, 3], and the inverse depth, float32 [height, width].

    Depth is measured along the optical axis in metres.
    """
    rays = scene.camera.rays(height, width)
    depth = np.full((height, width), MISS, np.float32)
    colour: Floats = cv2.resize(scene.sky, (width, height)).astype(np.float32)
    shade = np.ones((height, width), np.float32)
    for solid in scene.solids:
        _draw(solid, scene, rays, depth, colour, shade)
    depth = np.minimum(depth, SKY_DEPTH)
    light = scene.light
    if light.casts:
        shade = shade * (1 - (1 - light.ambient) * 0.8 * _shadow(scene, rays, depth))
    lit = colour * shade[:, :, None] * light.colour
    clear = np.exp(-light.fog * np.minimum(depth, 200.0))[:, :, None]
    hazy = lit * clear + (1 - clear) * colour[:4].mean((0, 1))
    exposed = hazy * (light.exposure / max(1.0, float(hazy.mean())))
    inverse: Floats = np.reciprocal(depth)
    return np.clip(exposed, 0, 255).astype(np.uint8), inverse


def _draw(solid: Solid, scene: Scene, rays: Floats, depth: Floats, colour: Floats, shade: Floats) -> None:
    """Draw a solid into depth [H, W], colour [H, W, 3] and shade [H, W] where it is nearest."""
    corners = solid.matrix @ CORNERS + solid.centre[:, None]
    rows, columns = scene.camera.window(corners, *depth.shape)
    within = rays[:, rows, columns]
    if within.size == 0:
        return
    t, uv, normal = solid.hit(scene.camera.position[:, None], within.reshape(3, -1))
    nearer = t < depth[rows, columns].reshape(-1)
    if not nearer.any():
        return
    mask = nearer.reshape(within.shape[1:])
    depth[rows, columns][mask] = t[nearer]
    surface = solid.surface
    colour[rows, columns][mask] = sampled(surface.texture, uv[:, nearer], surface.repeat)[:, :3]
    facing = np.clip(scene.light.direction @ solid.world_normals(normal[:, nearer]), 0, 1)
    full = scene.light.ambient + (1 - scene.light.ambient) * facing
    shade[rows, columns][mask] = 1 + surface.lit * (full - 1)


def _shadow(scene: Scene, rays: Floats, depth: Floats) -> Floats:
    """Return the share of the light that is blocked, float32 [H, W].

    It is computed at half the size, which softens the edges of shadows.
    """
    points = (rays * depth * 0.998)[:, ::2, ::2]
    flat = points.reshape(3, -1) + scene.camera.position[:, None]
    towards = np.broadcast_to(scene.light.direction[:, None], flat.shape)
    blocked = np.zeros(flat.shape[1], bool)
    for solid in scene.solids:
        if np.abs(solid.matrix).max() < 2:  # Floors and walls cast none.
            free = np.flatnonzero(~blocked)
            blocked[free] = solid.hit(flat[:, free] + 0.01 * towards[:, free], towards[:, free])[0] < MISS
    soft = cv2.GaussianBlur(blocked.reshape(points.shape[1:]).astype(np.float32), (0, 0), 1.0)
    return np.asarray(cv2.resize(soft, depth.shape[::-1]), np.float32)
