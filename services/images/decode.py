"""Decodes image files to upright RGB arrays, within limits.

A file is opened once: its format is detected, its header is read and held against the limits, and only then
are its pixels decoded, converted to sRGB, turned upright and, on request, shrunk.
"""

import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from io import BytesIO
from math import sqrt
from typing import IO, Final

import cv2
import numpy as np
from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from domain.arrays import Rgb
from domain.errors import InvalidImage, MalformedRequest, ServiceError, TooLarge, UnsupportedMedia
from services.images.formats import IMAGE_FORMATS, describe_bytes, detect_format
from services.images.limits import ImageLimits
from services.images.pillow_samples import pillow_samples
from services.images.samples import DecodedImage, Samples
from services.images.tiff import TiffImage, open_tiff
from services.images.upright import upright_image

# The plugins are called directly, because the guard of Image.open against decompression bombs raises before
# the size can be reported. The plain JPEG reader takes the first image of a phone's MPO file: the photograph.
_READERS: Final[Mapping[str, Callable[[IO[bytes]], ImageFile.ImageFile]]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "GIF": GifImagePlugin.GifImageFile,
}

_PILLOW_WARNING_FILTER: Final = ("ignore", None, Warning, re.compile(r"PIL\."), 0)


def decode_image(data: bytes, limits: ImageLimits | None = None, shrink_to_pixels: int | None = None) -> Rgb:
    """Decode the first image of a file to uint8 [H, W, 3] as `read_image` does.

    Raises:
        MalformedRequest, TooLarge, UnsupportedMedia, InvalidImage: See `read_image`.
    """
    return read_image(data, limits, shrink_to_pixels).rgb


def read_image(
    data: bytes, limits: ImageLimits | None = None, shrink_to_pixels: int | None = None
) -> DecodedImage:
    """Decode the first image of a file: sRGB, upright, uint8 [H, W, 3], C-contiguous.

    Colours are converted to sRGB by the profile of the file (`color_tags.profile_of`). The EXIF orientation
    is applied, or that of XMP where EXIF has none. Transparent colours become white; an alpha channel is laid
    on white, or on grey where white would hide the outline of what is opaque (`lay_on_background`). Deep
    samples are scaled by `sample_range`.

    Args:
        data: The whole file.
        limits: Bounds that are checked before a pixel is decoded; None checks nothing but Pillow's own guard.
        shrink_to_pixels: Most pixels of the result. A larger image is shrunk by area averaging; a JPEG is
            decoded at 1/2, 1/4 or 1/8 of its size where that is enough (libjpeg's scaled inverse cosine
            transform, Pillow's draft mode). None keeps the size.

    Raises:
        MalformedRequest: There are no bytes.
        TooLarge: The file has too many bytes, or its header announces too many pixels.
        UnsupportedMedia: The bytes are in none of `IMAGE_FORMATS`.
        InvalidImage: A side is too short, or the file is truncated or corrupt; the message gives the reason.
    """
    if limits is not None:
        limits.check_file_size(len(data))
        raise_pillow_pixel_limit(limits.max_pixels)
    name = image_format(data)
    max_pixels = None if limits is None else limits.max_pixels
    tiff = _open_tiff(data) if name == "TIFF" else None
    image = tiff or _open(data, name, max_pixels)
    if limits is not None:
        limits.check_image_size(*image.size)
    try:
        decoded = upright_image(_samples(image, data, max_pixels, shrink_to_pixels))
    except (MemoryError, ServiceError):
        raise
    except Exception as error:  # readers raise nearly any type on corrupt bytes
        raise _undecodable(name, "all of its pixels", error) from error
    if shrink_to_pixels is None:
        return decoded
    height, width = decoded.rgb.shape[:2]
    return replace(decoded, rgb=shrink_image(decoded.rgb, *_size_within(width, height, shrink_to_pixels)))


def _samples(
    image: ImageFile.ImageFile | TiffImage, data: bytes, max_pixels: int | None, shrink_to_pixels: int | None
) -> Samples:
    """Decode the pixels of an opened file; those of a JPEG smaller where that is enough."""
    if isinstance(image, TiffImage):
        return image.samples(max_pixels)
    if shrink_to_pixels is not None:
        image.draft(None, _size_within(*image.size, shrink_to_pixels))
    image.load()
    return pillow_samples(image, data)


def _open_tiff(data: bytes) -> TiffImage | None:
    """Read the tags of a TIFF file; return None for one that is left to Pillow."""
    try:
        image = open_tiff(data)
    except ServiceError:
        raise
    except Exception as error:
        raise _undecodable("TIFF", "a readable header", error) from error
    return None if image.for_pillow else image


def shrink_image(rgb: Rgb, width: int, height: int) -> Rgb:
    """Shrink `rgb` uint8 [H, W, 3] to `width` x `height` pixels by area averaging."""
    if (height, width) == rgb.shape[:2]:
        return rgb
    return np.asarray(cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def raise_pillow_pixel_limit(max_pixels: int) -> None:
    """Let Pillow read images of `max_pixels` in this process; its guard is never lowered.

    The guard is not switched off, since the GIF and WebP readers allocate a canvas with the header.
    """
    if Image.MAX_IMAGE_PIXELS is not None and max_pixels > Image.MAX_IMAGE_PIXELS:
        Image.MAX_IMAGE_PIXELS = max_pixels


def image_format(data: bytes) -> str:
    """Return the one of `IMAGE_FORMATS` that the first bytes show.

    Raises:
        MalformedRequest: There are no bytes.
        UnsupportedMedia: The bytes are in none of the formats.
    """
    if not data:
        raise MalformedRequest("expected the bytes of an image file, got an empty body")
    name = detect_format(data)
    if name is None:
        raise UnsupportedMedia(
            f"expected an image in one of the formats {', '.join(IMAGE_FORMATS)}, got {describe_bytes(data)}",
            {"formats": list(IMAGE_FORMATS)},
        )
    return name


def _open(data: bytes, name: str, max_pixels: int | None) -> ImageFile.ImageFile:
    """Read the header of a file of format `name`; `max_pixels` is the limit that an error names."""
    _ignore_pillow_warnings()
    try:
        return _READERS[name](BytesIO(data))
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(name, max_pixels) from error
    except Exception as error:
        raise _undecodable(name, "a readable header", error) from error


def _size_within(width: int, height: int, pixels: int) -> tuple[int, int]:
    """Return the largest width and height of the same proportions with at most `pixels` pixels."""
    scale = min(1.0, sqrt(pixels / (width * height)))
    return max(1, int(width * scale)), max(1, int(height * scale))


def _undecodable(name: str, expected: str, error: Exception) -> InvalidImage:
    reason = str(error) or type(error).__name__
    return InvalidImage(
        f"expected a {name} file with {expected}, got one that cannot be decoded: {reason}",
        {"format": name, "reason": reason},
    )


def _too_many_pixels(name: str, max_pixels: int | None) -> TooLarge:
    # Pillow warns at its constant, which is silenced, and raises at twice that.
    guard = 2 * (Image.MAX_IMAGE_PIXELS or 0)
    limit = guard if max_pixels is None else max_pixels
    return TooLarge(
        f"expected an image of at most {limit:,} pixels, got a {name} file of more than {guard:,}",
        {"max_pixels": limit},
    )


def _ignore_pillow_warnings() -> None:
    """Keep Pillow's warnings about odd metadata out of the log, and from becoming errors.

    The filter is set once for the process, because warnings.catch_warnings swaps global state, which is not
    safe in request threads.
    """
    if _PILLOW_WARNING_FILTER not in warnings.filters:
        warnings.filterwarnings("ignore", module=_PILLOW_WARNING_FILTER[3].pattern)
