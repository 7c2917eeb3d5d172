"""Detects the format of a file from its first bytes, to choose a reader and for messages."""

from typing import Final

IMAGE_FORMATS: Final = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF")
"""Formats that the service reads, as Pillow names them."""

_SIGNATURES: Final = (
    ("JPEG", b"\xff\xd8\xff"),
    ("PNG", b"\x89PNG\r\n\x1a\n"),
    ("GIF", b"GIF87a"),
    ("GIF", b"GIF89a"),
    ("TIFF", b"II*\0"),
    ("TIFF", b"MM\0*"),
    ("TIFF", b"II+\0"),
    ("TIFF", b"MM\0+"),
)

_UNSUPPORTED_SIGNATURES: Final = (
    ("a PDF document", b"%PDF"),
    ("a ZIP archive", b"PK\x03\x04"),
    ("a JPEG 2000 image", b"\0\0\0\x0cjP  "),
    ("a JPEG XL image", b"\xff\x0a"),
    ("a Photoshop document", b"8BPS"),
    ("an icon", b"\0\0\x01\0"),
)

_ISO_MEDIA_BRANDS: Final = {
    "a HEIC photograph": (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"),
    "an AVIF image": (b"avif", b"avis"),
}

_CONTROL_BYTES: Final = frozenset(range(32)) - frozenset(b"\t\n\f\r\x1b")


def detect_format(data: bytes) -> str | None:
    """Return the one of `IMAGE_FORMATS` whose signature the bytes start with; None for anything else."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    # The size of a BMP's second header is a small number: text that starts with "BM" is no BMP.
    if data[:2] == b"BM" and data[15:18] == b"\0\0\0":
        return "BMP"
    return next((name for name, start in _SIGNATURES if data.startswith(start)), None)


def describe_bytes(data: bytes) -> str:
    """Describe bytes that are not a readable image, for a message, with the first twelve in hexadecimal."""
    return f"what looks like {_unsupported_kind(data)} (first bytes: {data[:12].hex(' ')})"


def _unsupported_kind(data: bytes) -> str:
    head = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if data[4:8] == b"ftyp":
        return _iso_media_kind(data[8:12])
    if head.startswith((b"<svg", b"<?xml", b"<!doctype svg")):
        return "an SVG drawing" if b"<svg" in data[:4096].lower() else "an XML document"
    if head.startswith((b"<!doctype html", b"<html")):
        return "an HTML page"
    named = next((name for name, start in _UNSUPPORTED_SIGNATURES if data.startswith(start)), None)
    return named or ("text" if _CONTROL_BYTES.isdisjoint(data[:512]) else "no known kind of image")


def _iso_media_kind(brand: bytes) -> str:
    """Name an ISO base media file (ISO/IEC 14496-12) by its major brand."""
    return next((name for name, brands in _ISO_MEDIA_BRANDS.items() if brand in brands), "an MP4 video")
