"""Makes solids of random shape, size and surface for the scenes.

Positions and sizes are in metres. The position of a thing is its foot if it stands, else its middle.
"""

from collections.abc import Iterator

import numpy as np

from domain.arrays import Floats
from tools.training.depth.camera import Camera, turned
from tools.training.depth.materials import Materials
from tools.training.depth.solids import Reals, Solid, Surface
from tools.training.depth.textures import smooth_noise

Rng = np.random.Generator
Solids = Iterator[Solid]


def placed(
    shape: str, surface: Surface, centre: Reals, half: Reals, rotation: Floats, taper: float = 1.0
) -> Solid:
    """Return a unit shape scaled to half sizes [3], rotated, and moved to a centre [3]."""
    matrix = (rotation * np.asarray(half)).astype(np.float32)
    return Solid(shape, matrix, np.asarray(centre, np.float32), surface, taper)


def sheet(surface: Surface, centre: Reals, half: tuple[float, float], yaw: float, lean: float = 0.0) -> Solid:
    """Return an upright rectangle, turned by `yaw` and leaning by `lean` radians."""
    return placed("sheet", surface, centre, np.array([*half, 1]), turned(yaw, lean))


def level(surface: Surface, height: float, half: float, yaw: float = 0.0) -> Solid:
    """Return a horizontal square."""
    centre, size = np.array([0, height, 0]), np.array([half, half, 1])
    return placed("sheet", surface, centre, size, turned(yaw, np.pi / 2))


def table_top(rng: Rng, materials: Materials) -> Solid:
    """Return a table top at height 0."""
    flat = materials.surface(rng)
    tiled = Surface(flat.texture, flat.repeat * float(rng.choice([2, 4, 8])))
    return level(tiled, 0.0, 5.0, rng.uniform(-1, 1))


def back_wall(rng: Rng, materials: Materials, distance: float) -> Solid:
    """Return a wall across the image, mostly not quite at right angles to the camera."""
    yaw, lean = rng.normal(0, rng.choice([0.1, 0.4])), rng.normal(0, 0.08)
    return sheet(materials.surface(rng), np.array([0, 0.5, distance]), (3, 2), yaw, lean)


def boards(rng: Rng, materials: Materials, camera: Camera, wall: float) -> Solids:
    """Yield flat panels that stand or lean in front of the wall."""
    for _ in range(rng.integers(0, 4)):
        depth = rng.uniform(0.7, 0.98) * wall
        half = rng.uniform(0.1, 0.5, 2) * depth / camera.focal
        centre = np.array([_across(rng, camera, depth), half[1], depth])
        yaw, lean = rng.normal(0, 0.4), rng.uniform(-0.3, 0.05)
        if rng.random() < 0.4:
            yield sheet(materials.surface(rng), centre, (half[0], half[1]), yaw, lean)
        else:
            thick = np.array([*half, rng.uniform(0.01, 0.12)])
            yield placed("box", materials.surface(rng), centre, thick, turned(yaw, lean))


def set_down(rng: Rng, materials: Materials, camera: Camera, reach: Reals, count: int) -> Solids:
    """Yield things at random depths in the range `reach`, some on top of another, a few in the air."""
    top: tuple[float, float, float] | None = None
    largest = rng.uniform(0.12, 0.4)
    for _ in range(count):
        depth = rng.uniform(*reach)
        size = np.exp(rng.uniform(np.log(0.03), np.log(largest))) * depth
        x, base = _across(rng, camera, depth), 0.0
        if top is not None and rng.random() < 0.25:
            x, base, depth = top
        elif rng.random() < 0.1:
            base = rng.uniform(0.1, 0.6)
        made = thing(rng, materials, np.array([x, base, depth]), size, stands=True)
        top = (x, float(made.centre[1] + np.abs(made.matrix[1]).max()), depth)
        yield made


def thing(rng: Rng, materials: Materials, at: Reals, size: float, stands: bool = False) -> Solid:
    """Return one thing of about `size`."""
    shape = str(rng.choice(["sphere", "box", "frustum", "rod", "cut-out"], p=[0.18, 0.28, 0.2, 0.06, 0.28]))
    if shape == "cut-out":
        return cut_out(rng, materials, at, 2 * size, stands)
    half = size * rng.uniform(0.45, 1.2, 3)
    if shape == "rod":
        half = size * np.array([0.06, rng.uniform(1, 3), 0.06])
    tumbled = not stands or rng.random() < 0.15
    turn = rng.uniform(-np.pi, np.pi, 3) if tumbled else [rng.uniform(-np.pi, np.pi), *rng.normal(0, 0.1, 2)]
    taper = float(rng.choice([1.0, rng.uniform(0.02, 1.0), rng.uniform(1.0, 1.8)]))
    solid = "frustum" if shape == "rod" else shape
    return placed(solid, materials.surface(rng), _raised(at, half[1] * stands), half, turned(*turn), taper)


def cut_out(rng: Rng, materials: Materials, at: Reals, height: float, stands: bool = True) -> Solid:
    """Return a thing that was cut out of an image, roughly facing the camera."""
    surface = materials.thing(rng)
    rows, columns = surface.texture.shape[:2]
    half = (height / 2 * columns / rows, height / 2)
    return sheet(surface, _raised(at, half[1] * stands), half, rng.normal(0, 0.25))


def standing(
    rng: Rng,
    materials: Materials,
    camera: Camera,
    reach: tuple[float, float],
    count: int,
    heights: tuple[float, float],
) -> Solids:
    """Yield cut-outs, and sometimes plain solids, at depths in the range `reach` on open ground."""
    for _ in range(count):
        depth = np.exp(rng.uniform(*np.log(reach)))
        at = np.array([_across(rng, camera, depth), 0, depth])
        height = min(rng.uniform(*heights), 0.9 * depth / camera.focal)
        if rng.random() < 0.75:
            yield cut_out(rng, materials, at, height)
        else:
            yield thing(rng, materials, at, height / 2, stands=True)


def furniture(rng: Rng, materials: Materials, at: Reals, yaw: float) -> Solid:
    """Return a thing on the floor of a room, mostly parallel to its walls."""
    if rng.random() < 0.4:
        return cut_out(rng, materials, at, rng.uniform(0.4, 1.8))
    half = rng.uniform([0.2, 0.15, 0.2], [0.9, 0.9, 0.6])
    turn = yaw + (rng.choice([0, np.pi / 2]) if rng.random() < 0.7 else rng.uniform(-np.pi, np.pi))
    shape = str(rng.choice(["box", "box", "box", "frustum", "sphere"]))
    return placed(shape, materials.surface(rng), _raised(at, half[1]), half, turned(turn))


def beside(rng: Rng, materials: Materials, camera: Camera, depth: float) -> Solid:
    """Return a tall thing near the camera that the edge of the image may cut off."""
    side = rng.choice([-1, 1]) * rng.uniform(0.3, 0.6) * depth / camera.focal
    half = np.array([rng.uniform(0.03, 0.25) * depth, 1.0, rng.uniform(0.02, 0.4)])
    turn = turned(rng.normal(0, 0.5))
    return placed("box", materials.surface(rng), np.array([side, 0.5, depth]), half, turn)


def low_front(rng: Rng, materials: Materials, camera: Camera, depth: float) -> Solid:
    """Return a broad, low thing at the bottom of the image."""
    half = np.array([rng.uniform(0.2, 0.8) * depth, rng.uniform(0.05, 0.3) * camera.height, 0.1 * depth])
    centre = np.array([_across(rng, camera, depth), half[1], depth])
    return placed("box", materials.surface(rng), centre, half, turned(rng.normal(0, 0.2)))


def cloth(rng: Rng, materials: Materials, camera: Camera, wall: float) -> Solid:
    """Return a folded sheet that hangs or leans in front of the wall."""
    flat = materials.surface(rng)
    folded = Surface(flat.texture, flat.repeat, smooth_noise(rng), rng.uniform(0.05, 0.35))
    depth = rng.uniform(0.75, 1.0) * wall
    half = rng.uniform(0.3, 1.0, 2) * depth / camera.focal
    centre = np.array([_across(rng, camera, depth), half[1] * rng.uniform(0.3, 0.9), depth])
    return sheet(folded, centre, (half[0], half[1]), rng.normal(0, 0.5), rng.uniform(-0.7, 0))


def _across(rng: Rng, camera: Camera, depth: float) -> float:
    """Return a random x at a depth, within the view of the camera or just outside it."""
    return float(rng.uniform(-0.55, 0.55) * depth / camera.focal)


def _raised(at: Reals, height: float) -> Floats:
    return np.array([at[0], at[1] + height, at[2]], np.float32)
