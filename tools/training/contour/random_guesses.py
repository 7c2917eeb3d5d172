"""Makes random first guesses of objects: eroded, shifted, coarse, boxes, answers, blobs and outlines."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.arrays import Mask
from domain.masks import Prompt
from tools.training.contour.objects import centre

Answer = Callable[[Prompt], NDArray[np.int8]]
"""Returns the logits [N, h, w] with which the segmenter answers a prompt."""

LEAST_IOU = 0.25
"""IoU with the object that a guess exceeds; others say nothing about it."""


def ellipse(radius: int) -> NDArray[np.uint8]:
    """Return the structuring element of a radius in pixels."""
    side = 2 * radius + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)


def random_guess(mask: Mask, answer: Answer, rng: np.random.Generator) -> Mask | None:
    """Return a random guess of an object, bool [H, W]; None where it is too far from the object."""
    makers = (_eroded, _dilated, _shifted, _coarse, _box, None, _blob, _outline, _exact)
    maker = makers[int(rng.integers(0, len(makers)))]
    guess = _answered(mask, answer, rng) if maker is None else maker(mask, rng)
    shared = (guess & mask).sum()
    return guess if shared > LEAST_IOU * (guess | mask).sum() else None


def _radius(mask: Mask, rng: np.random.Generator) -> int:
    return max(1, round(rng.uniform(0.02, 0.14) * float(np.sqrt(mask.sum()))))


def _eroded(mask: Mask, rng: np.random.Generator) -> Mask:
    return cv2.erode(mask.astype(np.uint8), ellipse(_radius(mask, rng)), borderValue=1) > 0


def _dilated(mask: Mask, rng: np.random.Generator) -> Mask:
    return cv2.dilate(mask.astype(np.uint8), ellipse(_radius(mask, rng))) > 0


def _shifted(mask: Mask, rng: np.random.Generator) -> Mask:
    x, y = rng.normal(0, 0.08, 2) * np.sqrt(mask.sum())
    moved = np.array([[1, 0, x], [0, 1, y]], np.float32)
    shifted: Mask = cv2.warpAffine(mask.astype(np.uint8), moved, mask.shape[::-1]) > 0
    return shifted


def _coarse(mask: Mask, rng: np.random.Generator) -> Mask:
    side = int(rng.integers(10, 40))
    cells = cv2.resize(mask.astype(np.float32), (side, side), interpolation=cv2.INTER_AREA)
    solid = (cells >= min(0.5, cells.max())).astype(np.float32)
    how = int(rng.choice([cv2.INTER_NEAREST, cv2.INTER_LINEAR]))
    coarse = np.asarray(cv2.resize(solid, mask.shape[::-1], interpolation=how))
    return np.asarray(coarse > 0.5)


def _box(mask: Mask, rng: np.random.Generator) -> Mask:
    x, y, w, h = cv2.boundingRect(mask.astype(np.uint8))
    off = rng.normal(0, 0.03, 4) * [w, h, w, h]
    x0, y0, x1, y1 = np.round([x + off[0], y + off[1], x + w + off[2], y + h + off[3]]).astype(int)
    guess = np.zeros_like(mask)
    guess[max(0, y0) : max(y1, 1), max(0, x0) : max(x1, 1)] = True
    return guess


def _answered(mask: Mask, answer: Answer, rng: np.random.Generator) -> Mask:
    x, y, w, h = cv2.boundingRect(mask.astype(np.uint8))
    corners = np.array([x, y, x + w, y + h], np.float64)
    click = rng.random() < 0.3
    prompt = Prompt.point(*centre(mask)) if click else Prompt(np.zeros((0, 2)), np.zeros(0, int), corners)
    logits = answer(prompt)
    chosen = (logits[int(rng.integers(0, len(logits)))] > 0).astype(np.uint8)
    return np.asarray(cv2.resize(chosen, mask.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0, np.bool_)


def _blob(mask: Mask, rng: np.random.Generator) -> Mask:
    height, width = mask.shape
    size = np.sqrt(mask.sum())
    side = 2 * int(0.2 * size) + 1
    noise = rng.normal(size=(height // 4 + 1, width // 4 + 1)).astype(np.float32)
    noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), max(0.5, 0.1 * size / 4)))
    noise = np.asarray(cv2.resize(noise / max(noise.std(), 1e-6), (width, height)))
    soft = cv2.blur(cv2.blur(mask.astype(np.float32), (side, side)), (side, side))
    return np.asarray(soft + 0.15 * noise > rng.uniform(0.3, 0.6))


def _outline(mask: Mask, rng: np.random.Generator) -> Mask:
    """Return the ellipse in the box of the object, or its convex hull."""
    guess = np.zeros(mask.shape, np.uint8)
    if rng.random() < 0.5:
        x, y, w, h = cv2.boundingRect(mask.astype(np.uint8))
        middle, axes = (int(x + w / 2), int(y + h / 2)), (max(1, w // 2), max(1, h // 2))
        cv2.ellipse(guess, middle, axes, 0, 0, 360, 1, -1)
    else:
        points = np.argwhere(mask)[:, ::-1].astype(np.int32)
        cv2.fillConvexPoly(guess, cv2.convexHull(points), 1)
    return guess > 0


def _exact(mask: Mask, _rng: np.random.Generator) -> Mask:
    return mask
