"""Defines `Photo`, the image of one request, and makes one from images that Python callers pass in."""

import hashlib
from collections.abc import Callable
from typing import Self, cast

import numpy as np
from PIL import Image

from domain.arrays import Rgb
from services.images.content import shows_nothing
from services.images.upright import upright_rgb
from services.progress import Progress

ImageInput = Image.Image | Rgb
"""A PIL image, or an array uint8 [H, W, 3] RGB or [H, W] grey."""


class Photo:
    """One upright image of one request, decoded on first use.

    Args:
        key: Identifies the content of the image in caches: images of different bytes have different keys.
        width: Width in pixels.
        height: Height in pixels.
        load: Returns the pixels, uint8 [H, W, 3]; it is called at most once.
        file_id: Id of the upload; None for an image that is not stored.
    """

    def __init__(
        self, key: str, width: int, height: int, load: Callable[[], Rgb], file_id: str | None = None
    ) -> None:
        self.key = key
        self.file_id = file_id
        self.width = width
        self.height = height
        self._load = load
        self._rgb: Rgb | None = None
        self._shows_nothing: bool | None = None

    @classmethod
    def of(cls, rgb: Rgb, key: str) -> Self:
        """Return a photo of pixels uint8 [H, W, 3] that are decoded already."""
        height, width = rgb.shape[:2]
        return cls(key, width, height, lambda: rgb)

    def rgb(self, progress: Progress) -> Rgb:
        """Return the pixels, uint8 [H, W, 3].

        Raises:
            NotFound: The stored image has expired since it was looked up.
            StorageUnavailable: The store cannot be read.
        """
        if self._rgb is None:
            with progress.stage("load"):
                self._rgb = self._load()
        return self._rgb

    def shows_nothing(self, progress: Progress) -> bool:
        """Return whether the image shows nothing, as `content.shows_nothing` tells; it is measured once.

        Raises:
            NotFound, StorageUnavailable: See `rgb`.
        """
        if self._shows_nothing is None:
            self._shows_nothing = shows_nothing(self.rgb(progress))
        return self._shows_nothing

    def crop(self, box: tuple[int, int, int, int]) -> "Photo":
        """Return the part of the image inside `box` (x, y, width, height in pixels) as a photo of its own.

        Its pixels are a view of those of the whole image, so it takes no memory.
        """
        x, y, width, height = box

        def load() -> Rgb:
            return self.rgb(Progress())[y : y + height, x : x + width]

        return Photo(f"{self.key} crop {x} {y} {width} {height}", width, height, load, self.file_id)


def photo_from_image(image: ImageInput) -> Photo:
    """Return the image as a photo whose key is a hash of its pixels.

    Raises:
        ValueError: It is neither a PIL image nor an array of an accepted shape and dtype.
    """
    rgb = rgb_from_image(image)
    return Photo.of(rgb, hashlib.sha256(repr(rgb.shape).encode() + rgb.tobytes()).hexdigest())


def rgb_from_image(image: ImageInput) -> Rgb:
    """Return the image as uint8 [H, W, 3], C-contiguous; the EXIF orientation of a PIL image is applied.

    Raises:
        ValueError: It is neither a PIL image nor an array of an accepted shape and dtype.
    """
    if isinstance(image, Image.Image):
        return upright_rgb(image)
    array = np.asarray(image)
    if array.dtype == np.uint8 and array.ndim == 2:
        array = np.repeat(array[..., None], 3, axis=2)
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] != 3 or 0 in array.shape:
        expected = "a PIL image, or uint8 [H, W, 3] or [H, W]"
        raise ValueError(f"expected {expected}, got {array.dtype} {list(array.shape)}")
    return cast(Rgb, np.ascontiguousarray(array))
