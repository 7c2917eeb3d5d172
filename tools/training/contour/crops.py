"""Draws augmented crops of annotated images, with targets at the resolution of the crop."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats, Rgb
from tools.training.backbone import MEAN, STD
from tools.training.contour.groups import UNKNOWN
from tools.training.contour.network import REGION_STRIDE
from tools.training.contour.scenes import Scene

CROP = 320
"""Side of a crop in pixels."""

LONG_SIDE = 512
"""Longer side in pixels of the working resolution, to which scales are relative."""

SCALES = (0.6, 1.3)
"""Range of the scales that are drawn."""

ROTATION_DEGREES = 8.0
"""Standard deviation of the rotation."""

QUARTER_TURNS = 0.3
"""Share of the crops of regions that are also turned by one to three quarters."""

AGREEMENT = 0.4
"""Least share of annotators who drew an edge within a pixel; below it the pixel is neither edge nor flat."""

NEAR = 8
"""Distance in pixels from an object within which the lack of an outline is known."""


@dataclass(frozen=True)
class Crop:
    """One training example.

    Attributes:
        pixels: float32 [3, CROP, CROP], normalised.
        edge: float32 [CROP, CROP], weight of each pixel as an edge, or as an outline of an annotated object.
        flat: float32 [CROP, CROP], 1 where there is certainly no edge.
        objects: int64 [CROP / 8, CROP / 8], 0 background, -1 unknown.
        groups: int64 [CROP / 8, CROP / 8].
    """

    pixels: Floats
    edge: Floats
    flat: Floats
    objects: NDArray[np.int64]
    groups: NDArray[np.int64]


def crop_of(scene: Scene, rng: np.random.Generator) -> Crop:
    """Return a random crop: scaled, rotated, mirrored and recoloured."""
    matrix = _placement(scene, rng)
    pixels = _recoloured(_warped(scene.rgb, matrix, 128, cv2.INTER_LINEAR), rng)
    valid = _warped(np.ones(scene.rgb.shape[:2], np.uint8), matrix, 0) > 0
    if scene.objects is None or scene.groups is None:
        edge, flat = _agreed([_warped(labels, matrix, 0) for labels in scene.maps], valid)
        nothing = np.full((CROP // REGION_STRIDE,) * 2, -1)
        return Crop(pixels, edge, flat, nothing, np.full_like(nothing, UNKNOWN))
    objects = _warped(scene.objects, matrix, -1)
    edge, flat = _outlined(objects, valid)
    groups = _warped(scene.groups, matrix, UNKNOWN)
    return Crop(pixels, edge, flat, _coarse(objects), _coarse(groups))


def _placement(scene: Scene, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return an affine map [2, 3] from pixels of the image to pixels of the crop."""
    height, width = scene.rgb.shape[:2]
    scale = rng.uniform(*SCALES) * LONG_SIDE / max(height, width)
    angle = np.deg2rad(rng.normal(0, ROTATION_DEGREES))
    if scene.objects is None and rng.random() < QUARTER_TURNS:
        angle += np.pi / 2 * rng.integers(1, 4)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turn[:, 0] *= rng.choice([-1, 1])
    return np.column_stack([turn, CROP / 2 - turn @ _centre(scene, scale, rng)])


def _centre(scene: Scene, scale: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the centre (x, y) of the crop: near an object half of the time, else anywhere in the image."""
    height, width = scene.rgb.shape[:2]
    if scene.objects is not None and rng.random() < 0.5 and (scene.objects > 0).any():
        rows, columns = np.nonzero(scene.objects > 0)
        pick = rng.integers(len(rows))
        place = np.array([columns[pick], rows[pick]]) + rng.normal(0, CROP / 8 / scale, 2)
    else:
        place = rng.uniform(0, [width, height])
    half = np.minimum(CROP / 2 / scale, np.array([width, height]) / 2)
    return np.clip(place, half, np.array([width, height]) - half)


def _warped(
    image: NDArray[Any], matrix: NDArray[np.float64], outside: int, interpolation: int = cv2.INTER_NEAREST
) -> NDArray[Any]:
    size = (CROP, CROP)
    return cv2.warpAffine(image, matrix, size, flags=interpolation, borderValue=(outside, outside, outside))


def _recoloured(rgb: Rgb, rng: np.random.Generator) -> Floats:
    pixels = rgb / np.float32(255)
    gray = pixels.mean(axis=2, keepdims=True)
    pixels = gray + (pixels - gray) * (0.0 if rng.random() < 0.05 else rng.uniform(0.6, 1.4))
    pixels = (pixels - 0.5) * rng.uniform(0.75, 1.25) + 0.5 + rng.uniform(-0.1, 0.1)
    pixels = np.clip(pixels * rng.uniform(0.93, 1.07, 3), 0.0, 1.0)
    return np.ascontiguousarray(((pixels - MEAN) / STD).astype(np.float32).transpose(2, 0, 1))


def changes(labels: NDArray[Any]) -> NDArray[np.bool_]:
    """Return bool [H, W], true where the label to the right or below is another."""
    drawn = np.zeros(labels.shape, np.bool_)
    drawn[:, :-1] |= labels[:, :-1] != labels[:, 1:]
    drawn[:-1] |= labels[:-1] != labels[1:]
    return drawn


def _agreed(maps: list[NDArray[np.uint8]], valid: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return edges, weighted by the share of annotators who drew them, and pixels where none drew one."""
    drawn = np.stack([changes(labels) for labels in maps])
    kernel = np.ones((3, 3), np.uint8)
    agreed = np.mean([cv2.dilate(each.astype(np.uint8), kernel) for each in drawn], axis=0)
    some = drawn.any(axis=0)
    inner = cv2.erode(valid.astype(np.uint8), kernel, borderValue=1) > 0
    edge = np.where(some & (agreed >= AGREEMENT) & inner, agreed, 0.0)
    return edge.astype(np.float32), (~some & inner).astype(np.float32)


def _outlined(objects: NDArray[np.int16], valid: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return outlines of objects, and flat pixels near objects, because not every object is annotated."""
    filled = _filled(objects)
    edge = changes(filled)
    around = np.ones((2 * NEAR + 1,) * 2, np.uint8)
    near = cv2.dilate((objects > 0).astype(np.uint8), around) > 0
    inner = cv2.erode(valid.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=1) > 0
    flat = near & ~edge & (objects >= 0) & inner
    return (edge & inner).astype(np.float32), flat.astype(np.float32)


def _filled(objects: NDArray[np.int16]) -> NDArray[np.int16]:
    """Return the objects with every unknown pixel set to the object of the nearest known one."""
    unknown = objects < 0
    if unknown.all() or not unknown.any():
        return np.where(unknown, 0, objects).astype(np.int16)
    _, nearest = cv2.distanceTransformWithLabels(
        unknown.astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros(nearest.max() + 1, np.int16)
    table[nearest[~unknown]] = objects[~unknown]
    filled: NDArray[np.int16] = table[nearest]
    return filled


def _coarse(plane: NDArray[Any]) -> NDArray[np.int64]:
    half = REGION_STRIDE // 2
    return plane[half::REGION_STRIDE, half::REGION_STRIDE].astype(np.int64)
