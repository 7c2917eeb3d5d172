"""The orientation of EXIF and XMP in every container."""

import io
import struct
from typing import Any

import numpy as np
import pytest
from PIL import Image

from services.images.decode import decode_image
from services.images.orientation import xmp_orientation
from tests.unit.services.images.files import chunk, iso_media, picture, png, saved, tiff_of

RGB = picture()
TIFF_SPACE = 'xmlns:%s="http://ns.adobe.com/tiff/1.0/"'
ELEMENT = "<rdf:Description {space}><{prefix}:Orientation>{value}</{prefix}:Orientation></rdf:Description>"
ATTRIBUTE = "<rdf:Description {space} {prefix}:Orientation='{value}'/>"


def xmp(value: object, form: str = ATTRIBUTE, prefix: str = "tiff", wrapped: bool = True) -> bytes:
    """An XMP packet that says an orientation."""
    body = form.format(space=TIFF_SPACE % prefix, prefix=prefix, value=value)
    rdf = f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">{body}</rdf:RDF>'
    if wrapped:
        rdf = f'<x:xmpmeta xmlns:x="adobe:ns:meta/">{rdf}</x:xmpmeta>'
        rdf = f'<?xpacket begin="\ufeff" id="W5M0"?>\n{rdf}\n{" " * 200}<?xpacket end="w"?>'
    return rdf.encode()


def container(kind: str, packet: bytes | None, exif: int | None) -> bytes:
    """The picture in a file with an XMP packet and an EXIF orientation."""
    if kind.startswith("TIFF"):
        tags: list[Any] = [(700, 1, list(packet))] if packet else []
        tags += [(274, 3, [exif])] if exif is not None else []
        deep = kind == "TIFF 16"
        return tiff_of(RGB.astype(np.uint16) * 257 if deep else RGB, 2, 16 if deep else 8, tags=tags)
    if kind == "PNG":
        text = b"XML:com.adobe.xmp\0\0\0\0\0" + (packet or b"")
        chunks = [chunk(b"iTXt", text)] if packet else []
        return png(RGB, 8, 2, [*chunks, chunk(b"eXIf", _exif(exif))] if exif is not None else chunks)
    options: dict[str, Any] = {"lossless": True} if kind == "WEBP" else {"quality": 100, "subsampling": 0}
    if exif is not None:
        options["exif"] = b"Exif\0\0" + _exif(exif)
    return saved(Image.fromarray(RGB), kind, **options, **({"xmp": packet} if packet else {}))


def _exif(value: int) -> bytes:
    return b"II*\0\x08\0\0\0" + struct.pack("<HHHIHHI", 1, 0x0112, 3, 1, value, 0, 0)


def turned(value: int) -> np.ndarray:
    """The picture, turned by the definition of EXIF."""
    rows = RGB.swapaxes(0, 1) if value >= 5 else RGB
    # Each flag says at which side of the upright picture row 0 and column 0 of the file are.
    flips = {1: (1, 1), 2: (1, -1), 3: (-1, -1), 4: (-1, 1), 5: (1, 1), 6: (1, -1), 7: (-1, -1), 8: (-1, 1)}
    return rows[:: flips[value][0], :: flips[value][1]]


KINDS = ["JPEG", "PNG", "WEBP", "TIFF", "TIFF 16"]


def check(data: bytes, value: int) -> None:
    rgb = decode_image(data)
    assert rgb.shape == turned(value).shape
    assert np.abs(rgb.astype(int) - turned(value)).mean() < 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", range(1, 9))
def test_exif(value: int, kind: str) -> None:
    check(container(kind, None, value), value)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", [ATTRIBUTE, ELEMENT])
@pytest.mark.parametrize("value", range(1, 9))
def test_xmp_where_exif_has_none(value: int, form: str, kind: str) -> None:
    check(container(kind, xmp(value, form), None), value)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("exif", "packet", "right"), [(6, 3, 6), (1, 6, 1), (0, 6, 6), (9, 8, 8), (3, 0, 3)])
def test_exif_wins_where_it_is_valid(exif: int, packet: int, right: int, kind: str) -> None:
    check(container(kind, xmp(packet), exif), right)


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize("prefix", ["tiff", "ns1"])
@pytest.mark.parametrize("form", [ATTRIBUTE, ELEMENT])
def test_forms_of_xmp(form: str, prefix: str, wrapped: bool) -> None:
    packet = xmp(6, form, prefix, wrapped)
    assert (
        xmp_orientation(packet)
        == xmp_orientation(packet + bytes(20))
        == xmp_orientation(packet.decode())
        == 6
    )


@pytest.mark.parametrize(
    "packet",
    [
        None,
        b"",
        b"no XML",
        xmp(0),
        xmp(9),
        xmp("upside down"),
        xmp("", ELEMENT),
        xmp(6)[:150],
        xmp(6).replace(b"ns.adobe.com/tiff", b"ns.adobe.com/other"),
        b'<!DOCTYPE x [<!ENTITY a "6">]><rdf:RDF>&a;</rdf:RDF>',
    ],
)
def test_malformed_xmp_means_upright(packet: bytes | None) -> None:
    assert xmp_orientation(packet) == 1


def test_a_png_may_say_it_behind_its_pixels() -> None:
    data = png(RGB, 8, 2)
    text = chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(8))
    check(data[:-12] + text + data[-12:], 8)
    check(data[:-12] + chunk(b"eXIf", _exif(6)) + text + data[-12:], 6)


def test_two_segments_of_a_jpeg_are_both_read() -> None:
    image = Image.open(io.BytesIO(container("JPEG", xmp(3), 6)))
    assert "xmp" in image.info
    assert "exif" in image.info


@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
@pytest.mark.parametrize("value", [1, 3, 6])
def test_the_container_alone_counts_in_iso_media(value: int, kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = value  # the writers make boxes of it
    data = iso_media(Image.fromarray(RGB), kind, exif=exif.tobytes(), xmp=xmp(8))
    rgb = decode_image(data)
    assert rgb.shape == turned(value).shape
    assert np.abs(rgb.astype(int) - turned(value)).mean() < 3
