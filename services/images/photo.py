"""A photograph on its way through the services, decoded only if somebody looks at it."""

import hashlib
from collections.abc import Callable
from typing import Self, cast

import numpy as np
from PIL import Image

from domain.arrays import Rgb
from services.images.decode import exif_orientation
from services.images.upright import upright_rgb
from services.progress import Progress


class Photo:
    """One upright photograph of one request.

    Args:
        key: Names it in caches: no two photographs share one.
        width: Pixels.
        height: Pixels.
        load: Gives its pixels, uint8 [H, W, 3]; called at most once.
    """

    def __init__(self, key: str, width: int, height: int, load: Callable[[], Rgb]) -> None:
        self.key = key
        self.width = width
        self.height = height
        self._load = load
        self._rgb: Rgb | None = None

    @classmethod
    def of(cls, rgb: Rgb, key: str) -> Self:
        """A photograph whose pixels are at hand."""
        height, width = rgb.shape[:2]
        return cls(key, width, height, lambda: rgb)

    def rgb(self, progress: Progress) -> Rgb:
        """Its pixels, uint8 [H, W, 3].

        Raises:
            NotFound: It expired meanwhile.
            StorageUnavailable: The store cannot read.
        """
        if self._rgb is None:
            with progress.stage("load"):
                self._rgb = self._load()
        return self._rgb


ImageInput = Image.Image | Rgb
"""A PIL image, or uint8 [H, W, 3] RGB or [H, W] grey."""


def photo_from_image(image: ImageInput) -> Photo:
    """The picture as a photograph that is known by its pixels.

    Raises:
        ValueError: It is no picture.
    """
    rgb = rgb_from_image(image)
    return Photo.of(rgb, hashlib.sha256(repr(rgb.shape).encode() + rgb.tobytes()).hexdigest())


def rgb_from_image(image: ImageInput) -> Rgb:
    """uint8 [H, W, 3], C-contiguous.

    Raises:
        ValueError: It is no picture.
    """
    if isinstance(image, Image.Image):
        return upright_rgb(image, exif_orientation(image))
    array = np.asarray(image)
    if array.dtype == np.uint8 and array.ndim == 2:
        array = np.repeat(array[..., None], 3, axis=2)
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] != 3 or 0 in array.shape:
        expected = "a PIL image, or uint8 [H, W, 3] or [H, W]"
        raise ValueError(f"expected {expected}, got {array.dtype} {list(array.shape)}")
    return cast(Rgb, np.ascontiguousarray(array))
