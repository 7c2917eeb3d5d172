"""Decodes image files to upright RGB arrays, within limits.

A file is opened once: its format is detected, its header is read and held against the limits, and only then
are its pixels decoded, converted to sRGB, turned upright and, on request, shrunk.
"""

from dataclasses import replace
from math import sqrt

import cv2
import numpy as np
from PIL import ImageFile

from domain.arrays import Rgb
from domain.errors import ServiceError
from services.images.limits import ImageLimits
from services.images.pillow_samples import pillow_samples
from services.images.readers import (
    image_format,
    load_pixels,
    open_image,
    raise_pillow_pixel_limit,
    undecodable,
)
from services.images.samples import DecodedImage, Samples
from services.images.tiff import TiffImage
from services.images.upright import upright_image


def decode_image(data: bytes, limits: ImageLimits | None = None, shrink_to_pixels: int | None = None) -> Rgb:
    """Decode the photograph in a file to uint8 [H, W, 3] as `read_image` does.

    Raises:
        MalformedRequest, TooLarge, UnsupportedMedia, InvalidImage: See `read_image`.
    """
    return read_image(data, limits, shrink_to_pixels).rgb


def read_image(
    data: bytes, limits: ImageLimits | None = None, shrink_to_pixels: int | None = None
) -> DecodedImage:
    """Decode the photograph in a file: sRGB, upright, uint8 [H, W, 3], C-contiguous.

    Of several pages or frames the first is read; thumbnails in a TIFF file do not count. Colours are
    converted to sRGB by the profile of the file (`color_tags.profile_of`). The EXIF orientation is applied,
    or that of XMP where EXIF has none. Transparent colours become white; an alpha channel is laid on white,
    or on grey where white would hide the outline of what is opaque (`lay_on_background`). Deep samples are
    scaled by `sample_range`.

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
    max_pixels = None if limits is None else limits.max_pixels
    image = open_image(data, name, max_pixels)
    if limits is not None:
        limits.check_image_size(*image.size)
    try:
        decoded = upright_image(_samples(image, name, data, max_pixels, shrink_to_pixels))
    except (MemoryError, ServiceError):
        raise
    except Exception as error:  # readers raise nearly any type on corrupt bytes
        raise undecodable(name, "all of its pixels", data, error) from error
    if shrink_to_pixels is None:
        return decoded
    height, width = decoded.rgb.shape[:2]
    return replace(decoded, rgb=shrink_image(decoded.rgb, *_size_within(width, height, shrink_to_pixels)))


def _samples(
    image: ImageFile.ImageFile | TiffImage,
    name: str,
    data: bytes,
    max_pixels: int | None,
    shrink_to_pixels: int | None,
) -> Samples:
    """Decode the pixels of an opened file; those of a JPEG smaller where that is enough."""
    if isinstance(image, TiffImage):
        return image.samples(max_pixels)
    if shrink_to_pixels is not None:
        image.draft(None, _size_within(*image.size, shrink_to_pixels))
    return pillow_samples(load_pixels(image, data, name), data)


def shrink_image(rgb: Rgb, width: int, height: int) -> Rgb:
    """Shrink `rgb` uint8 [H, W, 3] to `width` x `height` pixels by area averaging."""
    if (height, width) == rgb.shape[:2]:
        return rgb
    return np.asarray(cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _size_within(width: int, height: int, pixels: int) -> tuple[int, int]:
    """Return the largest width and height of the same proportions with at most `pixels` pixels."""
    scale = min(1.0, sqrt(pixels / (width * height)))
    return max(1, int(width * scale)), max(1, int(height * scale))
