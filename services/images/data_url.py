"""Writes image files as data URLs (RFC 2397) and reads them."""

import base64

from domain.errors import InvalidRequest
from services.images.formats import detect_format


def image_data_url(file: bytes) -> str:
    """Return a PNG or JPEG file as `data:image/...;base64,...`."""
    subtype = "png" if detect_format(file) == "PNG" else "jpeg"
    return f"data:image/{subtype};base64,{base64.b64encode(file).decode('ascii')}"


def decode_data_url(text: str) -> bytes:
    """Return the bytes of `data:image/...;base64,...`.

    Raises:
        InvalidRequest: The text has another form, or its base64 is malformed.
    """
    head, comma, body = text.partition(",")
    if not comma or not head.startswith("data:image/") or not head.endswith(";base64"):
        raise InvalidRequest(f"image: expected data:image/...;base64,..., got {text[:40]!r}")
    try:
        return base64.b64decode(body, validate=True)
    except ValueError as error:
        raise InvalidRequest(f"image: expected base64 after the comma: {error}") from error
