"""Reads annotated images as the training of the network needs them."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.arrays import Rgb
from tools.training.contour.groups import UNKNOWN, UNNAMED, group_of
from tools.training.packs import LabelMap, Pack

VOID = 255
"""Number of pixels without annotation."""

PERSON_PACK = "coco_person"
"""Name of the pack in which only persons are annotated, so that the rest may be anything."""


@dataclass(frozen=True)
class Scene:
    """An image and its annotation.

    Attributes:
        rgb: uint8 [H, W, 3].
        maps: Region maps of several annotators, uint8 [H, W] each; empty where objects are annotated.
        objects: int16 [H, W], 0 background, 1.. objects, -1 unknown; None where regions are annotated.
        groups: uint8 [H, W], the group of each pixel; None where regions are annotated.
    """

    rgb: Rgb
    maps: list[LabelMap]
    objects: NDArray[np.int16] | None
    groups: NDArray[np.uint8] | None


class Scenes:
    """The annotated images of one pack.

    Args:
        pack: The pack; its index says how it is annotated.
        keys: Keys of the images.
    """

    def __init__(self, pack: Pack, keys: list[str]) -> None:
        self._pack = pack
        self.keys = keys

    def read(self, number: int) -> Scene:
        """Return the image of that number, counted from 0."""
        key = self.keys[number]
        rgb, described = self._pack.image(key), self._pack.index[key]
        if "annotators" in described:
            return Scene(rgb, self._pack.annotator_maps(key), None, None)
        labels = self._pack.labels(key)
        if "regions" in described:
            names = {int(number): str(name) for number, name in described["regions"].items()}
            return Scene(rgb, [], *_instances(labels, names, whole=self._pack.name != PERSON_PACK))
        if self._pack.classes:
            return Scene(rgb, [], *_classes(labels, self._pack.classes))
        return Scene(rgb, [], labels.astype(np.int16), np.full_like(labels, UNKNOWN))


def _instances(
    labels: LabelMap, names: dict[int, str], whole: bool
) -> tuple[NDArray[np.int16], NDArray[np.uint8]]:
    """Return objects and groups of a map of instances; the other pixels are background if `whole`."""
    table = np.full(256, UNKNOWN, np.uint8)
    for number, name in names.items():
        table[number] = group_of(name)
    table[0] = 0 if whole else UNKNOWN
    return labels.astype(np.int16), table[labels]


def _classes(labels: LabelMap, names: dict[int, str]) -> tuple[NDArray[np.int16], NDArray[np.uint8]]:
    """Return objects and groups of a map of classes; an object is a connected region of a class."""
    table = np.full(256, UNKNOWN, np.uint8)
    for number, name in names.items():
        table[number] = group_of(name) if number else UNNAMED
    objects = np.zeros(labels.shape, np.int16)
    for value in np.unique(labels):
        if value not in (0, VOID):
            _, parts = cv2.connectedComponents((labels == value).astype(np.uint8))
            objects[parts > 0] = parts[parts > 0] + objects.max()
    objects[labels == VOID] = -1
    return objects, table[labels]
