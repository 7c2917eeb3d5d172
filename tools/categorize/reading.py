"""Reads a photograph no larger than a labeller needs it."""

import io
from math import sqrt
from typing import Final

import cv2
import numpy as np
from PIL import Image

from domain.arrays import Rgb
from domain.errors import TooLarge
from services.images.decode import (
    ImageLimits,
    exif_orientation,
    image_format,
    open_image,
    read_image_header,
    undecodable_image,
)
from services.images.upright import upright_rgb

MAX_DECODED_PIXELS: Final = 400_000
"""At most so many are kept of a photograph: six times what the embedded labeller looks at."""

THUMBNAIL_SIDE_PIXELS: Final = 128
THUMBNAIL_JPEG_QUALITY: Final = 70


def decode_reduced(data: bytes, limits: ImageLimits) -> Rgb:
    """The upright image of a file, uint8 [H, W, 3], shrunk to at most KEPT_PIXELS.

    A JPEG is decoded at 1/2, 1/4 or 1/8 of its size where that is enough (libjpeg's scaled inverse cosine
    transform, Pillow's draft mode).

    Raises:
        MalformedRequest, TooLarge, UnsupportedMedia, InvalidImage: As `services.images.decode` has it.
    """
    read_image_header(data, limits)
    image = open_image(data)
    try:
        image.draft(None, _reduced_size(*image.size))
        image.load()
        rgb = upright_rgb(image, exif_orientation(image))
    except MemoryError:
        raise
    except Exception as error:  # readers raise nearly any type on corrupt bytes
        raise undecodable_image(image_format(data), "all of its pixels", error) from error
    return _resize(rgb, _reduced_size(rgb.shape[1], rgb.shape[0]))


def check_file_size(size: int, limits: ImageLimits) -> None:
    """Refuse a file before it is read.

    Raises:
        TooLarge: It has too many bytes.
    """
    if size > limits.max_bytes:
        raise TooLarge(
            f"expected an image file of at most {limits.max_bytes:,} bytes, got {size:,}",
            {"max_bytes": limits.max_bytes, "bytes": size},
        )


def encode_thumbnail(rgb: Rgb) -> bytes:
    """A JPEG file with sides of at most THUMBNAIL_SIDE pixels."""
    scale = min(1.0, THUMBNAIL_SIDE_PIXELS / max(rgb.shape[:2]))
    height, width = (max(1, round(side * scale)) for side in rgb.shape[:2])
    buffer = io.BytesIO()
    Image.fromarray(_resize(rgb, (width, height))).save(buffer, "JPEG", quality=THUMBNAIL_JPEG_QUALITY)
    return buffer.getvalue()


def _reduced_size(width: int, height: int) -> tuple[int, int]:
    scale = min(1.0, sqrt(MAX_DECODED_PIXELS / (width * height)))
    return max(1, int(width * scale)), max(1, int(height * scale))


def _resize(rgb: Rgb, size: tuple[int, int]) -> Rgb:
    if size == (rgb.shape[1], rgb.shape[0]):
        return rgb
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
