"""Writes image files as data URLs (RFC 2397), and reads data URLs and base64."""

import base64
import re
from typing import Final
from urllib.parse import unquote_to_bytes

from domain.errors import InvalidRequest
from services.images.formats import detect_format

_EXPECTED: Final = "image: expected base64 or data:image/...;base64,..."

_WHITE_SPACE: Final = b" \t\r\n\v\f"

_BASE64URL: Final = bytes.maketrans(b"-_", b"+/")

_NOT_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/]")


def image_data_url(file: bytes) -> str:
    """Return a PNG or JPEG file as `data:image/...;base64,...`."""
    subtype = "png" if detect_format(file) == "PNG" else "jpeg"
    return f"data:image/{subtype};base64,{base64.b64encode(file).decode('ascii')}"


def decode_data_url(text: str) -> bytes:
    """Return the bytes of `data:image/...;base64,...`.

    Raises:
        InvalidRequest: The text has another form, or its base64 is malformed.
    """
    if not text.startswith("data:"):
        raise InvalidRequest(f"image: expected data:image/...;base64,..., got {text[:40]!r}")
    return decode_base64_image(text)


def decode_base64_image(text: str) -> bytes:
    """Return the bytes of an image file that is sent as base64 or as a data URL with base64.

    Both alphabets of RFC 4648 are read, padding may be missing, and white space is ignored. A data URL may
    have parameters, and its base64 may be percent-encoded. Its media type is that of an image, unspecific,
    or missing, as browsers write it for formats that they do not know.

    Raises:
        InvalidRequest: The text has another form, such as a URL or a file name; the message tells which.
    """
    text = text.lstrip()
    if text[:5].lower() == "data:":
        return _decode(unquote_to_bytes(_data_url_body(text).encode("utf-8", "replace")))
    if re.match(r"[a-z][a-z0-9+.-]*://", text, re.IGNORECASE):
        raise InvalidRequest(f"{_EXPECTED}, got a URL; send it as `image_url`")
    return _decode(text.encode("utf-8", "replace"))


def _data_url_body(text: str) -> str:
    """Return what follows the comma of a data URL of an image in base64."""
    head, comma, body = text[5:].partition(",")
    media_type, *parameters = (part.strip().lower() for part in head.split(";"))
    image = media_type in ("", "application/octet-stream") or media_type.startswith("image/")
    if not comma or not image or "base64" not in parameters:
        raise InvalidRequest(f"{_EXPECTED}, got {text[:40]!r}")
    return body


def _decode(body: bytes) -> bytes:
    digits = body.translate(_BASE64URL, _WHITE_SPACE).rstrip(b"=")
    if not digits:
        raise InvalidRequest(f"{_EXPECTED}, got no base64")
    if stranger := _NOT_BASE64.search(digits):
        got = digits[stranger.start() : stranger.start() + 4].decode("utf-8", "replace")[0]
        raise InvalidRequest(f"{_EXPECTED}, got {got!r} after {stranger.start()} digits of it")
    if len(digits) % 4 == 1:
        raise InvalidRequest(f"{_EXPECTED}, got {len(digits)} digits, one too many or too few")
    return base64.b64decode(digits + b"=" * (-len(digits) % 4))
