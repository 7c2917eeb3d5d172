"""Decodes images no larger than a labeller needs them, and writes thumbnails of them."""

import io
from typing import Final

from PIL import Image

from domain.arrays import Rgb
from services.images.decode import ImageLimits, decode_image, shrink_image

MAX_DECODED_PIXELS: Final = 400_000
"""Most pixels that are kept of an image: six times what the embedded labeller sees."""

THUMBNAIL_SIDE_PIXELS: Final = 128
THUMBNAIL_JPEG_QUALITY: Final = 70


def decode_reduced(data: bytes, limits: ImageLimits) -> Rgb:
    """Decode a file to an upright image uint8 [H, W, 3] of at most MAX_DECODED_PIXELS pixels.

    Raises:
        MalformedRequest, TooLarge, UnsupportedMedia, InvalidImage: See `services.images.decode.decode_image`.
    """
    return decode_image(data, limits, shrink_to_pixels=MAX_DECODED_PIXELS)


def encode_thumbnail(rgb: Rgb) -> bytes:
    """Encode `rgb` uint8 [H, W, 3] as a JPEG file with sides of at most THUMBNAIL_SIDE_PIXELS pixels."""
    scale = min(1.0, THUMBNAIL_SIDE_PIXELS / max(rgb.shape[:2]))
    height, width = (max(1, round(side * scale)) for side in rgb.shape[:2])
    buffer = io.BytesIO()
    Image.fromarray(shrink_image(rgb, width, height)).save(buffer, "JPEG", quality=THUMBNAIL_JPEG_QUALITY)
    return buffer.getvalue()
