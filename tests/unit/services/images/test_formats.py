"""Tests of services/images/formats.py."""

import pytest

from services.images.formats import describe_bytes, detect_format

UNREADABLE = {
    b"just some text\n": "text",
    "süß".encode(): "text",
    b"BMW builds cars and motorcycles": "text",
    b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>': "an SVG drawing",
    b"<svg/>": "an SVG drawing",
    b"<?xml version='1.0'?><a/>": "an XML document",
    b"\n<!DOCTYPE html><p>": "an HTML page",
    b'{"success": false}': "JSON",
    b"data:image/png;base64,iVBOR": "a data URL",
    b"%PDF-1.7\n": "a PDF document",
    b"PK\x03\x04....": "a ZIP archive",
    b"\0\0\0\x1cftypisom\0\0\0\0isom": "an MP4 video",
    b"\0\0\0\x14ftypqt  \0\0\0\0qt  ": "a QuickTime video",
    b"\0\0\0\x18ftypcrx \0\0\0\1crx isom": "a camera raw file (CR3)",
    b"II*\0\x10\0\0\0CR\x02\0": "a camera raw file (CR2)",
    b"IIRO\x08\0\0\0": "a camera raw file (ORF)",
    b"IIU\0\x08\0\0\0": "a camera raw file (RW2)",
    b"FUJIFILMCCD-RAW 0201": "a camera raw file (RAF)",
    b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\0": "a JPEG XL image",
    b"\xff\x0a\xfa\x7f": "a JPEG XL image",
    b"\0\0\0\x0cjP  \r\n\x87\n": "a JPEG 2000 image",
    b"\xff\x4f\xff\x51\0\x2f": "a JPEG 2000 image",
    b"II\xbc\x01\x20\0\0\0": "a JPEG XR image",
    b"\xff\xd8\xff\xf7\0\x0b": "a JPEG-LS image",
    b"qoif\0\0\0\1": "a QOI image",
    b"P6\n3 2\n255\n": "a Netpbm image",
    b"v/1\x01\x02\0\0\0": "an OpenEXR image",
    b"8BPS\0\1": "a Photoshop document",
    b"\0" * 128 + b"DICM": "a DICOM image",
    b"SIMPLE  =                    T": "a FITS image",
    b"\x93NUMPY\x01\0": "a NumPy array",
    b"\x89PNG\r\n\x1a\n\0\0\0\4CgBI": "a PNG file that Xcode changed",
    b"\x1a\x45\xdf\xa3": "a Matroska or WebM video",
    b"RIFF\0\0\0\0AVI LIST": "an AVI video",
    b"\0\x05\x16\x07\0\2\0\0Mac OS X": "an AppleDouble file",
    bytes(range(64)): "no known kind of image",
}


@pytest.mark.parametrize("data", UNREADABLE, ids=UNREADABLE.values())
def test_a_file_that_is_not_read_is_named(data: bytes) -> None:
    assert detect_format(data) is None
    described = describe_bytes(data)
    assert described.startswith(f"what looks like {UNREADABLE[data]}")
    assert data[:4].hex(" ") in described


@pytest.mark.parametrize(
    ("major", "compatible", "name"),
    [
        (b"heic", b"mif1heic", "HEIF"),
        (b"mif1", b"mif1heic", "HEIF"),
        (b"mif1", b"mif1avifmiaf", "AVIF"),
        (b"avif", b"avifmif1miaf", "AVIF"),
        (b"avis", b"avismsf1", "AVIF"),
        (b"hevc", b"msf1hevc", "HEIF"),
        (b"mp42", b"isommp42", None),
        (b"isom", b"", None),
    ],
)
def test_the_brands_of_iso_media_decide(major: bytes, compatible: bytes, name: str | None) -> None:
    box = b"ftyp" + major + bytes(4) + compatible
    assert detect_format((len(box) + 4).to_bytes(4, "big") + box + b"\0\0\0\x08free") == name
