"""A few lines of renderer: balls on a floor before a wall, with exact inverse depth."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from domain.arrays import Floats, Rgb

HEIGHT, WIDTH = 240, 320
CAMERA_HEIGHT, PITCH, WALL = 0.5, 0.15, 3.0
TO_LIGHT = np.array([0.4, 0.8, -0.45])


@dataclass(frozen=True)
class Ball:
    """x to the right and z away, metres; it lies on the floor."""

    x: float
    z: float
    radius: float
    colour: tuple[int, int, int]


def rendered(balls: Sequence[Ball], seed: int = 0) -> tuple[Rgb, Floats]:
    """Picture and 1 / depth."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    right, up = (x - WIDTH / 2) / (1.1 * WIDTH), (HEIGHT / 2 - y) / (1.1 * WIDTH)
    ray = np.stack([right, up * np.cos(PITCH) - np.sin(PITCH), np.cos(PITCH) + up * np.sin(PITCH)])
    eye = np.array([0, CAMERA_HEIGHT, 0])
    floor = np.where(ray[1] < 0, CAMERA_HEIGHT / np.maximum(1e-6, -ray[1]), np.inf)
    depth = np.minimum(floor, WALL / ray[2])
    at = eye[:, None, None] + ray * depth
    tiles = (np.floor(at[0] * 6) + np.floor(at[2] * 6)) % 2
    on_floor = np.array([120, 90, 60]) + 25 * tiles[..., None]
    wall_lines = 12 * ((at[0] * 5 % 1) < 0.1)
    colour = np.where((floor < WALL / ray[2])[..., None], on_floor, (190 - wall_lines)[..., None])
    for ball in balls:
        centre = np.array([ball.x, ball.radius, ball.z]) - eye
        a, b = (ray * ray).sum(0), np.tensordot(centre, ray, 1)
        root = b * b - a * (centre @ centre - ball.radius**2)
        hit = np.where(root > 0, (b - np.sqrt(np.maximum(root, 0))) / a, np.inf)
        normal = (ray * np.where(root > 0, hit, 0) - centre[:, None, None]) / ball.radius
        light = 0.4 + 0.6 * np.clip(np.tensordot(TO_LIGHT, normal, 1), 0, 1)
        nearer = hit < depth
        colour = np.where(nearer[..., None], light[..., None] * np.array(ball.colour), colour)
        depth = np.where(nearer, hit, depth)
    noise = np.random.default_rng(seed).normal(0, 3, colour.shape)
    return np.clip(colour + noise, 0, 255).astype(np.uint8), (1 / depth).astype(np.float32)
