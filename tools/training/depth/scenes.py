"""Composes random scenes: still lifes, heaps, drapery, desks, rooms, streets and fields."""

from collections.abc import Callable

import numpy as np

from tools.training.depth import parts
from tools.training.depth.camera import Camera, turned
from tools.training.depth.materials import Materials
from tools.training.depth.parts import Rng
from tools.training.depth.render import Light, Scene
from tools.training.depth.solids import Solid, Surface


def scene(rng: Rng, materials: Materials) -> Scene:
    """Return a random scene, sometimes in one tone."""
    kinds = list(KINDS.values())
    frequencies = np.array([frequency for _, frequency in kinds])
    compose, _ = kinds[rng.choice(len(kinds), p=frequencies / sum(frequencies))]
    return compose(rng, materials.toned(rng) if rng.random() < 0.3 else materials)


def still_life(rng: Rng, materials: Materials) -> Scene:
    """Return things on a table in front of a wall; the camera is nearly level."""
    wall = rng.uniform(1.2, 3.5)
    height = rng.uniform(0.1, 0.8)
    aim = rng.uniform(0.5, 1.0) * wall
    camera = _camera(rng, height, np.arctan2(rng.uniform(0.0, 0.5) - height, aim))
    solids = [parts.table_top(rng, materials), parts.back_wall(rng, materials, wall)]
    solids += parts.boards(rng, materials, camera, wall)
    solids += parts.set_down(rng, materials, camera, wall * np.array([0.38, 0.96]), int(rng.integers(3, 22)))
    if rng.random() < 0.25:
        solids.append(parts.beside(rng, materials, camera, rng.uniform(0.4, 0.9) * wall))
    if rng.random() < 0.2:
        solids.append(parts.low_front(rng, materials, camera, rng.uniform(0.35, 0.6) * wall))
    return _indoors(rng, camera, solids, materials)


def heap(rng: Rng, materials: Materials) -> Scene:
    """Return things piled up so that they fill the image."""
    wall = rng.uniform(1.2, 3.0)
    camera = _camera(rng, rng.uniform(0.2, 0.6), rng.uniform(-0.25, 0.1))
    solids = [parts.table_top(rng, materials), parts.back_wall(rng, materials, wall)]
    reach, slope = rng.uniform(0.4, 0.8) * wall, rng.uniform(0.1, 0.9)
    for _ in range(rng.integers(12, 40)):
        depth = rng.uniform(reach, wall)
        x = rng.uniform(-0.6, 0.6) * depth / camera.focal
        y = slope * (depth - reach) + rng.uniform(0, 0.25)
        solids.append(parts.thing(rng, materials, np.array([x, y, depth]), rng.uniform(0.05, 0.22) * depth))
    return _indoors(rng, camera, solids, materials)


def drapery(rng: Rng, materials: Materials) -> Scene:
    """Return leaning folded sheets with few things in front of them."""
    wall = rng.uniform(1.2, 2.5)
    camera = _camera(rng, rng.uniform(0.3, 0.6), rng.uniform(-0.2, 0.1))
    solids = [parts.table_top(rng, materials), parts.back_wall(rng, materials, wall)]
    solids += [parts.cloth(rng, materials, camera, wall) for _ in range(rng.integers(1, 5))]
    solids += parts.set_down(rng, materials, camera, wall * np.array([0.5, 0.9]), int(rng.integers(0, 4)))
    return _indoors(rng, camera, solids, materials)


def desk(rng: Rng, materials: Materials) -> Scene:
    """Return a table top seen from above."""
    height = rng.uniform(0.5, 1.2)
    camera = _camera(rng, height, -rng.uniform(0.5, 1.4))
    centre = height / np.tan(max(0.3, -camera.pitch))
    reach = np.array([centre - 0.5 * height, centre + 0.8 * height])
    solids = [parts.table_top(rng, materials)]
    solids += parts.set_down(rng, materials, camera, reach, int(rng.integers(1, 12)))
    return _indoors(rng, camera, solids, materials)


def room(rng: Rng, materials: Materials) -> Scene:
    """Return walls, floor and ceiling with furniture and things."""
    depth, half, top = rng.uniform(2.5, 9), rng.uniform(1.2, 4), rng.uniform(2.2, 3.2)
    camera = _camera(rng, rng.uniform(0.8, 1.9), rng.uniform(-0.35, 0.1))
    yaw = rng.uniform(-0.6, 0.6)
    ceiling = Surface(materials.surface(rng).texture)
    solids = [parts.level(materials.surface(rng), 0.0, 15), parts.level(ceiling, top, 15)]
    for turn, z, x in ((0.0, depth, 0.0), (np.pi / 2, 0.0, half), (np.pi / 2, 0.0, -half)):
        centre = turned(yaw) @ np.array([x, top / 2, z])
        solids.append(parts.sheet(materials.surface(rng), centre, (12, top / 2), yaw + turn))
    for _ in range(rng.integers(2, 10)):
        z = rng.uniform(1.2, depth * 0.95)
        x = rng.uniform(-1, 1) * min(half * 0.9, 0.6 * z / camera.focal)
        solids.append(parts.furniture(rng, materials, turned(yaw) @ np.array([x, 0, z]), yaw))
    return _indoors(rng, camera, solids, materials)


def street(rng: Rng, materials: Materials) -> Scene:
    """Return ground with houses on both sides and things under a sky."""
    camera = _camera(rng, rng.uniform(1.0, 4), rng.uniform(-0.15, 0.15))
    solids = [parts.level(materials.surface(rng), 0.0, 100)]
    half, yaw = rng.uniform(3, 12), rng.uniform(-0.5, 0.5)
    for side in (-1, 1):
        start = rng.uniform(2, 15)
        while start < 80 and rng.random() < 0.85:
            size = rng.uniform([2, 2, 3], [6, 9, 12])
            centre = turned(yaw) @ np.array([side * (half + size[0]), size[1], start + size[2]])
            solids.append(parts.placed("box", materials.surface(rng), centre, size, turned(yaw)))
            start += 2 * size[2] + rng.choice([0, rng.uniform(0, 8)])
    solids += parts.standing(rng, materials, camera, (3, 40), int(rng.integers(1, 10)), (0.8, 4))
    return Scene(camera, solids, _light(rng, rng.random() < 0.5), materials.sky(rng))


def field(rng: Rng, materials: Materials) -> Scene:
    """Return things on open ground, sometimes with a backdrop."""
    camera = _camera(rng, rng.uniform(0.4, 2.5), rng.uniform(-0.3, 0.15))
    ground = Surface(materials.surface(rng).texture, float(rng.choice([20, 60, 150])))
    solids = [parts.level(ground, 0.0, 400)]
    if rng.random() < 0.6:
        distance, tall = rng.uniform(8, 100), rng.uniform(0.05, 0.4)
        half, centre = (3 * distance, tall * distance), np.array([0, 0, distance])
        solids.append(parts.sheet(materials.surface(rng), centre, half, 0.0))
    solids += parts.standing(rng, materials, camera, (1.5, 25), int(rng.integers(1, 9)), (0.3, 3))
    return Scene(camera, solids, _light(rng, rng.random() < 0.5), materials.sky(rng))


KINDS: dict[str, tuple[Callable[[Rng, Materials], Scene], float]] = {
    "still life": (still_life, 0.42),
    "heap": (heap, 0.12),
    "drapery": (drapery, 0.1),
    "desk": (desk, 0.08),
    "room": (room, 0.12),
    "street": (street, 0.08),
    "field": (field, 0.08),
}
"""Functions that compose a scene of each kind, and the relative frequency of the kind."""


def _indoors(rng: Rng, camera: Camera, solids: list[Solid], materials: Materials) -> Scene:
    background = materials.image(rng)
    return Scene(camera, solids, _light(rng, foggy=False), background)


def _camera(rng: Rng, height: float, pitch: float) -> Camera:
    return Camera(height, pitch + rng.normal(0, 0.05), rng.normal(0, 0.03), rng.uniform(0.7, 1.9))


def _light(rng: Rng, foggy: bool) -> Light:
    direction = rng.normal(0, 1, 3) * [1, 0.4, 0.7] + [0, 1.0, -0.8]
    unit = (direction / np.linalg.norm(direction)).astype(np.float32)
    return Light(
        direction=unit,
        ambient=rng.uniform(0.35, 0.8),
        colour=rng.uniform(0.85, 1.15, 3).astype(np.float32),
        fog=rng.uniform(0.002, 0.04) if foggy else 0.0,
        casts=rng.random() < 0.7,
        exposure=rng.uniform(70, 165),
    )
