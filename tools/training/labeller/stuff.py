"""Finds sky, grass, water and other stuff in images that probably contain it, by colour and place.

No pack has masks of grass or water. Where the classes or captions of an image make them likely, a large
connected patch of the right colour in the right place is an example that is right often enough.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.arrays import Mask, Rgb


@dataclass(frozen=True)
class Rule:
    """The conditions for a patch to be stuff of one label.

    Attributes:
        label: Label of the stuff.
        context: Words, one of which the classes or captions of the image must contain.
        low: Lowest hue (0..179), saturation and value (0..255) of OpenCV's HSV.
        high: Highest hue, saturation and value.
        place: Range of the mean row of the patch, 0 at the top to 1 at the bottom.
        texture: Range of the mean gradient of the patch, in grey levels per pixel.
    """

    label: str
    context: tuple[str, ...]
    low: tuple[int, int, int]
    high: tuple[int, int, int]
    place: tuple[float, float]
    texture: tuple[float, float] = (0, 999)


GRAZERS = ("sheep", "cow", "horse", "giraffe", "zebra", "elephant")
VEHICLES = ("bus", "car", "train", "bicycle")
OUTDOORS = (
    *("airplane", "aeroplane", "kite", "surfboard", "skis", "boat", "train", "bus", "bird", " sky", "beach"),
    *("mountain", " air ", "bike", "snow", "field", "ocean"),
)
LAWNS = (*GRAZERS, "dog", "frisbee", "baseball bat", " grass", "lawn", "grassy", " field")
WATERS = ("boat", "ocean", "wave", " lake", " river", " pool", " sea ", " water ")
STREETS = ("bus", "car", "motorbike", "motorcycle", "traffic light", "parking meter", " street", " road")
WOODS = (*GRAZERS, *VEHICLES, " trees", "forest", "woods")
SLOPES = (" snow", "skis", "snowy", "skier", "snowboard")
RULES = (
    Rule("grass", LAWNS, (30, 50, 50), (85, 255, 255), (0.5, 1)),
    Rule("sky", OUTDOORS, (90, 25, 110), (130, 210, 255), (0, 0.42), (0, 16)),
    Rule("sky", OUTDOORS, (0, 0, 185), (179, 45, 255), (0, 0.35), (0, 10)),
    Rule("water", WATERS, (75, 25, 40), (125, 255, 255), (0.5, 1)),
    Rule("water", ("boat", "surf", "kayak"), (0, 0, 60), (179, 70, 200), (0.6, 1), (0, 30)),
    Rule("tree", WOODS, (30, 40, 15), (85, 255, 130), (0, 0.42), (12, 999)),
    Rule("road", STREETS, (0, 0, 60), (179, 45, 190), (0.7, 1), (0, 22)),
    Rule("snow", SLOPES, (0, 0, 180), (179, 50, 255), (0.45, 1)),
    Rule("sand", (" beach", " sand ", " sandy "), (8, 25, 100), (28, 140, 255), (0.5, 1)),
)
"""The rules; the first that finds a patch of a label wins."""

SMALLEST_SHARE = 0.08
"""Smallest share of the image that a patch covers."""


def stuff_masks(rgb: Rgb, free: Mask, context: str) -> Iterator[tuple[str, Mask]]:
    """Yield label and mask of the largest patch that each applicable rule finds.

    Args:
        rgb: The image, uint8 [H, W, 3].
        free: bool [H, W], true where no object is annotated.
        context: Class names or captions of the image.
    """
    smooth = cv2.GaussianBlur(rgb, (0, 0), 2)
    hsv = cv2.cvtColor(smooth, cv2.COLOR_RGB2HSV)
    texture = _gradient(rgb)
    taken: set[str] = set()
    for rule in RULES:
        if rule.label not in taken and any(word in f" {context} " for word in rule.context):
            mask = _largest(cv2.inRange(hsv, rule.low, rule.high).astype(bool) & free)
            if _fits(mask, texture, rule):
                taken.add(rule.label)
                yield rule.label, mask


def _fits(mask: Mask, texture: NDArray[np.float32], rule: Rule) -> bool:
    if mask.mean() < SMALLEST_SHARE:
        return False
    row = np.nonzero(mask)[0].mean() / len(mask)
    return bool(
        rule.place[0] <= row <= rule.place[1] and rule.texture[0] <= texture[mask].mean() <= rule.texture[1]
    )


def _largest(mask: Mask) -> Mask:
    opened = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, parts, stats, _ = cv2.connectedComponentsWithStats(opened)
    return parts == 1 + int(stats[1:, 4].argmax()) if count > 1 else np.zeros(mask.shape, bool)


def _gradient(rgb: Rgb) -> NDArray[np.float32]:
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    slope = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    return np.asarray(slope / 4, np.float32)
