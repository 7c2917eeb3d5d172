"""Reads the annotated objects of the packs as masks at the working resolution."""

from collections.abc import Iterator

import cv2
import numpy as np

from domain.arrays import Mask
from tools.training.packs import LabelMap, Pack

SMALLEST = 0.005
"""Smallest share of the image that an object must cover; smaller ones are left out."""

VOID = 255
"""Number of pixels without annotation."""


def true_objects(pack: Pack, key: str, height: int, width: int) -> list[Mask]:
    """Return masks bool [height, width] of instances, annotated regions or connected class regions."""
    masks = (_shrunk(mask, height, width) for mask in _masks(pack, key))
    return [mask for mask in masks if mask.mean() >= SMALLEST]


def _masks(pack: Pack, key: str) -> Iterator[Mask]:
    described = pack.index[key]
    if "annotators" in described:
        for labels in pack.annotator_maps(key):
            yield from _regions(labels)
    elif "regions" in described:
        labels = pack.labels(key)
        yield from (labels == int(number) for number in described["regions"])
    else:
        for mask in _regions(pack.labels(key)):
            count, parts = cv2.connectedComponents(mask.astype(np.uint8))
            yield from (parts == part for part in range(1, count))


def _regions(labels: LabelMap) -> Iterator[Mask]:
    return (labels == value for value in np.unique(labels) if value not in (0, VOID))


def _shrunk(mask: Mask, height: int, width: int) -> Mask:
    resized = cv2.resize(mask.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
    return resized.astype(np.bool_)


def centre(mask: Mask) -> tuple[int, int]:
    """Return column and row of the pixel that is farthest from the outside of the mask."""
    depth = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    y, x = np.unravel_index(int(depth.argmax()), mask.shape)
    return int(x), int(y)
