"""Reads the orientation of an image from its EXIF or XMP metadata."""

import re
from typing import Final
from xml.etree import ElementTree

from PIL import Image, ImageFile

_EXIF_ORIENTATION_TAG: Final = 0x0112
_TURNED_BY_CONTAINER: Final = frozenset({"HEIF", "AVIF"})
"""Formats whose readers turn the pixels, or rewrite EXIF, by the boxes irot and imir, which alone count."""

_XMP_ORIENTATION: Final = "{http://ns.adobe.com/tiff/1.0/}Orientation"
_XMP_ROOT: Final = re.compile(rb"<(\w+:)?(xmpmeta|RDF)\b.*</\1\2\s*>", re.DOTALL)


def image_orientation(image: Image.Image) -> int:
    """Return the EXIF orientation, 1 to 8, that is still to be applied to a loaded Pillow image.

    XMP (`tiff:Orientation`, an attribute or an element) counts where EXIF has no valid value. In HEIC and
    AVIF files neither counts, but the boxes irot and imir do.
    """
    if image.format == "TIFF":  # its reader turns the pixels itself
        return 1
    info, value = image.info, _valid(_exif_value(image))
    if image.format in _TURNED_BY_CONTAINER:
        return value or 1
    return value or xmp_orientation(info.get("XML:com.adobe.xmp") or info.get("xmp"))


def xmp_orientation(packet: object) -> int:
    """Return the orientation, 1 to 8, of an XMP packet (text or bytes); 1 if it has none or is malformed."""
    data = packet.encode() if isinstance(packet, str) else packet
    found = _XMP_ROOT.search(data) if isinstance(data, bytes) else None
    if found is None:
        return 1
    try:
        nodes = list(ElementTree.fromstring(found[0]).iter())
    except ElementTree.ParseError:
        return 1
    texts = [node.get(_XMP_ORIENTATION) or (node.tag == _XMP_ORIENTATION and node.text) for node in nodes]
    return _valid(next((text for text in texts if text), None)) or 1


def _exif_value(image: Image.Image) -> object:
    if not isinstance(image, ImageFile.ImageFile):  # made or changed by the program that passes it in
        return image.getexif().get(_EXIF_ORIENTATION_TAG)
    # Pillow would take XMP's value, by a text search, where EXIF has none; so XMP is hidden from it. The
    # method of PNG files would load the pixels first, so the one of the base class is called.
    bare = Image.Image()
    bare.info = {name: image.info[name] for name in ("exif", "Raw profile type exif") if name in image.info}
    try:
        return Image.Image.getexif(bare).get(_EXIF_ORIENTATION_TAG)
    except Exception:
        return None


def _valid(value: object) -> int | None:
    """Return an orientation that exists, from a number or text; None for anything else."""
    if isinstance(value, str) and value.strip().isdigit():
        value = int(value)
    return value if isinstance(value, int) and 1 <= value <= 8 else None
