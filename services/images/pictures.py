"""Pictures of Python callers, as arrays and as photographs."""

import hashlib
from typing import cast

import numpy as np
from PIL import Image

from domain.arrays import Rgb
from services.images.image_files import orientation
from services.images.photo import Photo
from services.images.upright import upright_rgb

Picture = Image.Image | Rgb
"""A PIL image, or uint8 [H, W, 3] RGB or [H, W] grey."""


def photo_of(picture: Picture) -> Photo:
    """The picture as a photograph that is known by its pixels.

    Raises:
        ValueError: It is no picture.
    """
    rgb = pixels_of(picture)
    return Photo.of(rgb, hashlib.sha256(repr(rgb.shape).encode() + rgb.tobytes()).hexdigest())


def pixels_of(picture: Picture) -> Rgb:
    """uint8 [H, W, 3], C-contiguous.

    Raises:
        ValueError: It is no picture.
    """
    if isinstance(picture, Image.Image):
        return upright_rgb(picture, orientation(picture))
    array = np.asarray(picture)
    if array.dtype == np.uint8 and array.ndim == 2:
        array = np.repeat(array[..., None], 3, axis=2)
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] != 3 or 0 in array.shape:
        expected = "a PIL image, or uint8 [H, W, 3] or [H, W]"
        raise ValueError(f"expected {expected}, got {array.dtype} {list(array.shape)}")
    return cast(Rgb, np.ascontiguousarray(array))
