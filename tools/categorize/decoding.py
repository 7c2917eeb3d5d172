"""Decodes an image at the size that a labeller needs, and makes its thumbnail."""

import io
from typing import Final

from PIL import Image

from domain.arrays import Rgb
from services.images.decode import decode_image, shrink_image
from services.images.limits import ImageLimits

MAX_DECODED_PIXELS: Final = 400_000
"""Largest number of pixels kept of an image: six times the input of the embedded labeller."""

THUMBNAIL_SIDE_PIXELS: Final = 128
THUMBNAIL_JPEG_QUALITY: Final = 70


def decode_reduced(data: bytes, limits: ImageLimits) -> Rgb:
    """Return the upright image, uint8 [H, W, 3], shrunk to at most `MAX_DECODED_PIXELS` pixels.

    Raises:
        MalformedRequest, TooLarge, UnsupportedMedia, InvalidImage: As in `decode_image`.
    """
    return decode_image(data, limits, shrink_to_pixels=MAX_DECODED_PIXELS)


def encode_thumbnail(rgb: Rgb) -> bytes:
    """Return a JPEG file of the image with sides of at most `THUMBNAIL_SIDE_PIXELS`."""
    scale = min(1.0, THUMBNAIL_SIDE_PIXELS / max(rgb.shape[:2]))
    height, width = (max(1, round(side * scale)) for side in rgb.shape[:2])
    buffer = io.BytesIO()
    Image.fromarray(shrink_image(rgb, width, height)).save(buffer, "JPEG", quality=THUMBNAIL_JPEG_QUALITY)
    return buffer.getvalue()
