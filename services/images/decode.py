"""Decodes image files to upright RGB arrays, within limits.

A file is opened once: its format is detected, its header is read and held against the limits, and only then
are its pixels decoded, turned upright and, on request, shrunk.
"""

from math import sqrt

import cv2
import numpy as np

from domain.arrays import Rgb
from services.images.limits import ImageLimits
from services.images.readers import (
    image_format,
    load_pixels,
    open_image,
    raise_pillow_pixel_limit,
    undecodable,
)
from services.images.upright import upright_rgb


def decode_image(data: bytes, limits: ImageLimits | None = None, shrink_to_pixels: int | None = None) -> Rgb:
    """Decode the photograph in a file: upright, uint8 [H, W, 3], C-contiguous.

    Of several pages or frames the first is read; thumbnails in a TIFF file do not count. The EXIF orientation
    is applied and alpha is composited on white. Colour profiles are not applied.

    Args:
        data: The whole file.
        limits: Bounds that are checked before a pixel is decoded; None checks nothing but Pillow's own guard.
        shrink_to_pixels: Most pixels of the result. A larger image is shrunk by area averaging; a JPEG is
            decoded at 1/2, 1/4 or 1/8 of its size where that is enough (libjpeg's scaled inverse cosine
            transform, Pillow's draft mode). None keeps the size.

    Raises:
        MalformedRequest: There are no bytes.
        TooLarge: The file has too many bytes, or its header announces too many pixels.
        UnsupportedMedia: The bytes are in none of `IMAGE_FORMATS`, or of a kind that is not read.
        InvalidImage: A side is too short, or the file is truncated or corrupt; the message gives the reason.
    """
    if limits is not None:
        limits.check_file_size(len(data))
        raise_pillow_pixel_limit(limits.max_pixels)
    name = image_format(data)
    image = open_image(data, name, None if limits is None else limits.max_pixels)
    if limits is not None:
        limits.check_image_size(*image.size)
    try:
        if shrink_to_pixels is not None:
            image.draft(None, _size_within(*image.size, shrink_to_pixels))
        rgb = upright_rgb(load_pixels(image, data, name))
    except MemoryError:
        raise
    except Exception as error:  # readers raise nearly any type on corrupt bytes
        raise undecodable(name, "all of its pixels", data, error) from error
    if shrink_to_pixels is None:
        return rgb
    return shrink_image(rgb, *_size_within(rgb.shape[1], rgb.shape[0], shrink_to_pixels))


def shrink_image(rgb: Rgb, width: int, height: int) -> Rgb:
    """Shrink `rgb` uint8 [H, W, 3] to `width` x `height` pixels by area averaging."""
    if (height, width) == rgb.shape[:2]:
        return rgb
    return np.asarray(cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _size_within(width: int, height: int, pixels: int) -> tuple[int, int]:
    """Return the largest width and height of the same proportions with at most `pixels` pixels."""
    scale = min(1.0, sqrt(pixels / (width * height)))
    return max(1, int(width * scale)), max(1, int(height * scale))
