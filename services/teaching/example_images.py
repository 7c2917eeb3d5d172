"""Image files of examples, shrunk to a size that suffices for the labeller."""

import hashlib
import io

import cv2
import numpy as np
from PIL import Image

from domain.arrays import Rgb
from services.images.formats import detect_format
from services.labels.views import MAX_VIEW_SIDE

JPEG_QUALITY = 95
MIN_EXAMPLE_SIDE = 16
"""Minimum side of an upload in pixels, so that every exported example can be imported."""

EXAMPLE_FORMATS = ("JPEG", "PNG")
MAX_EXAMPLE_BYTES = 512 * 1024
"""A larger file is shrunk and encoded again; a smaller one is kept unchanged."""


def encode_example(rgb: Rgb) -> bytes:
    """Return a JPEG file of at most MAX_VIEW_SIDE pixels a side; equal pixels give equal bytes."""
    scale = min(1.0, MAX_VIEW_SIDE / max(rgb.shape[:2]))
    height, width = (max(MIN_EXAMPLE_SIDE, round(side * scale)) for side in rgb.shape[:2])
    unchanged = (height, width) == rgb.shape[:2]
    small = rgb if unchanged else cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA)
    buffer = io.BytesIO()
    Image.fromarray(np.asarray(small, np.uint8)).save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return buffer.getvalue()


def example_file(rgb: Rgb, data: bytes) -> bytes:
    """Return the file to keep for an uploaded file with pixels `rgb`: itself if it is small, else a JPEG.

    Exported examples are small, so they keep their bytes and their sha256.
    """
    small = max(rgb.shape[:2]) <= MAX_VIEW_SIDE and len(data) <= MAX_EXAMPLE_BYTES
    return data if small and detect_format(data) in EXAMPLE_FORMATS else encode_example(rgb)


def image_digest(file: bytes) -> str:
    """Return the sha256 of the file, which is the id of the example."""
    return hashlib.sha256(file).hexdigest()
