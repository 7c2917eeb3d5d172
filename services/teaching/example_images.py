"""What is kept of an example: a small picture of it, as the labeller would see it."""

import base64
import hashlib
import io

import cv2
import numpy as np
from PIL import Image

from domain.arrays import Rgb
from domain.errors import InvalidRequest
from services.images.formats import detect_format
from services.labels.views import MAX_VIEW_SIDE

JPEG_QUALITY = 95
MIN_EXAMPLE_SIDE = 16
"""As of an upload, so that every export can be imported."""

EXAMPLE_FORMATS = ("JPEG", "PNG")
MAX_EXAMPLE_BYTES = 512 * 1024
"""Of a file that is kept as it came; larger ones are shrunk and written anew."""


def encode_example(rgb: Rgb) -> bytes:
    """A JPEG file of LEAST_SIDE to SHOWN_SIDE pixels a side; the same picture gives the same bytes."""
    scale = min(1.0, MAX_VIEW_SIDE / max(rgb.shape[:2]))
    height, width = (max(MIN_EXAMPLE_SIDE, round(side * scale)) for side in rgb.shape[:2])
    same = (height, width) == rgb.shape[:2]
    small = rgb if same else cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA)
    buffer = io.BytesIO()
    Image.fromarray(np.asarray(small, np.uint8)).save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return buffer.getvalue()


def example_file(rgb: Rgb, data: bytes) -> bytes:
    """What is kept of a file that was sent and shows `rgb`: itself if it is small, as exported ones are."""
    small = max(rgb.shape[:2]) <= MAX_VIEW_SIDE and len(data) <= MAX_EXAMPLE_BYTES
    return data if small and detect_format(data) in EXAMPLE_FORMATS else encode_example(rgb)


def decode_data_url(text: str) -> bytes:
    """The bytes of `data:image/...;base64,...`.

    Raises:
        InvalidRequest: It is none.
    """
    head, comma, body = text.partition(",")
    if not comma or not head.startswith("data:image/") or not head.endswith(";base64"):
        raise InvalidRequest(f"image: expected data:image/...;base64,..., got {text[:40]!r}")
    try:
        return base64.b64decode(body, validate=True)
    except ValueError as error:
        raise InvalidRequest(f"image: expected base64 after the comma: {error}") from error


def image_data_url(file: bytes) -> str:
    """The file as `data:image/...;base64,...`."""
    kind = "png" if file.startswith(b"\x89PNG") else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(file).decode('ascii')}"


def image_digest(file: bytes) -> str:
    """What names the file."""
    return hashlib.sha256(file).hexdigest()
