"""Detects the format of a file from its first bytes, to choose a reader and to name what cannot be read."""

from collections.abc import Mapping
from typing import Final

FORMAT_SUFFIXES: Final[Mapping[str, tuple[str, ...]]] = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jif", ".jfif", ".mpo"),
    "PNG": (".png", ".apng"),
    "WEBP": (".webp",),
    "BMP": (".bmp", ".dib"),
    "TIFF": (".tif", ".tiff"),
    "GIF": (".gif",),
    "HEIF": (".heic", ".heif", ".hif"),
    "AVIF": (".avif",),
}
"""Formats that the service reads, as Pillow names them, with the suffixes of their files."""

IMAGE_FORMATS: Final = tuple(FORMAT_SUFFIXES)

IMAGE_SUFFIXES: Final = frozenset(suffix for suffixes in FORMAT_SUFFIXES.values() for suffix in suffixes)
"""Suffixes, in lower case, of the files that count as photographs in a folder."""

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

# Pairs of a name and the bytes at an offset. Files that a signature of a readable format hides come first.
_UNSUPPORTED_SIGNATURES: Final = (
    ("a camera raw file (CR2)", 8, b"CR\x02\0"),
    ("a JPEG-LS image", 0, b"\xff\xd8\xff\xf7"),
    ("a PNG file that Xcode changed for iOS (CgBI)", 12, b"CgBI"),
    ("a camera raw file (ORF)", 0, b"IIRO"),
    ("a camera raw file (ORF)", 0, b"IIRS"),
    ("a camera raw file (ORF)", 0, b"MMOR"),
    ("a camera raw file (RW2)", 0, b"IIU\0"),
    ("a camera raw file (RAF)", 0, b"FUJIFILMCCD-RAW"),
    ("a camera raw file (CRW)", 6, b"HEAPCCDR"),
    ("a camera raw file (X3F)", 0, b"FOVb"),
    ("a camera raw file (MRW)", 0, b"\0MRM"),
    ("a JPEG XR image", 0, b"II\xbc"),
    ("a JPEG XL image", 0, b"\xff\x0a"),
    ("a JPEG XL image", 4, b"JXL \r\n\x87\n"),
    ("a JPEG 2000 image", 4, b"jP  "),
    ("a JPEG 2000 image", 0, b"\xff\x4f\xff\x51"),
    ("a QOI image", 0, b"qoif"),
    ("a BPG image", 0, b"BPG\xfb"),
    ("a FLIF image", 0, b"FLIF"),
    ("an MNG animation", 0, b"\x8aMNG"),
    ("a Photoshop document", 0, b"8BPS"),
    ("a GIMP document", 0, b"gimp xcf"),
    ("an OpenEXR image", 0, b"v/1\x01"),
    ("a Radiance HDR image", 0, b"#?RADIANCE"),
    ("a Radiance HDR image", 0, b"#?RGBE"),
    ("a DirectDraw surface", 0, b"DDS "),
    ("a DjVu document", 0, b"AT&TFORM"),
    ("a DICOM image", 128, b"DICM"),
    ("a FITS image", 0, b"SIMPLE  ="),
    ("a NumPy array", 0, b"\x93NUMPY"),
    ("an HDF5 file", 0, b"\x89HDF\r\n"),
    ("an icon", 0, b"\0\0\x01\0"),
    ("a cursor", 0, b"\0\0\x02\0"),
    ("an icon", 0, b"icns"),
    ("a Windows metafile", 0, b"\xd7\xcd\xc6\x9a"),
    ("a Windows metafile", 40, b" EMF"),
    ("a PDF document", 0, b"%PDF"),
    ("a PostScript document", 0, b"%!PS"),
    ("a PostScript document", 0, b"\xc5\xd0\xd3\xc6"),
    ("a ZIP archive", 0, b"PK\x03\x04"),
    ("a gzip archive", 0, b"\x1f\x8b"),
    ("a 7z archive", 0, b"7z\xbc\xaf\x27\x1c"),
    ("a RAR archive", 0, b"Rar!"),
    ("a Zstandard archive", 0, b"\x28\xb5\x2f\xfd"),
    ("a tar archive", 257, b"ustar"),
    ("a Matroska or WebM video", 0, b"\x1a\x45\xdf\xa3"),
    ("an AVI video", 8, b"AVI "),
    ("a WAV recording", 8, b"WAVE"),
    ("an MPEG video", 0, b"\0\0\x01\xba"),
    ("an MP3 recording", 0, b"ID3"),
    ("an Ogg recording", 0, b"OggS"),
    ("a data URL", 0, b"data:"),
    ("an AppleDouble file, which holds metadata of another file", 0, b"\0\x05\x16\x07"),
)

_ISO_MEDIA_BRANDS: Final = {
    "a camera raw file (CR3)": (b"crx ",),
    "a QuickTime video": (b"qt  ",),
    "a JPEG 2000 image": (b"jp2 ", b"jpx ", b"jpm "),
}

_AVIF_BRANDS: Final = frozenset({b"avif", b"avis"})

_HEIF_BRANDS: Final = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1", b"mif2"}
)

_UNREADABLE_JPEG_FRAMES: Final = {
    0xC3: "lossless",
    0xC5: "hierarchical",
    0xC6: "hierarchical",
    0xC7: "hierarchical lossless",
    0xCB: "lossless, arithmetic",
    0xCD: "hierarchical, arithmetic",
    0xCE: "hierarchical, arithmetic",
    0xCF: "hierarchical lossless, arithmetic",
}
"""Processes of ITU-T T.81, table B.1, that libjpeg does not decode, by the marker of their frame."""

_CONTROL_BYTES: Final = frozenset(range(32)) - frozenset(b"\t\n\f\r\x1b")


def detect_format(data: bytes) -> str | None:
    """Return the one of `IMAGE_FORMATS` that the first bytes show; None for anything else."""
    if _unsupported_signature(data):
        return None
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    # The size of a BMP's second header is a small number: text that starts with "BM" is no BMP.
    if data[:2] == b"BM" and data[15:18] == b"\0\0\0":
        return "BMP"
    if data[4:8] == b"ftyp":
        return _iso_image_format(_iso_media_brands(data))
    return next((name for name, start in _SIGNATURES if data.startswith(start)), None)


def _iso_media_brands(data: bytes) -> list[bytes]:
    """Return the major brand, then the compatible ones, of an ISO base media file (ISO/IEC 14496-12)."""
    box = data[8 : min(max(16, int.from_bytes(data[:4], "big")), 256)]
    return [box[:4], *(box[at : at + 4] for at in range(8, len(box) - 3, 4))]


def _iso_image_format(brands: list[bytes]) -> str | None:
    """Return the image format of a file with these brands.

    Any brand counts: a general one, such as `mif1` or `isom`, may be the major one.
    """
    if not _AVIF_BRANDS.isdisjoint(brands):
        return "AVIF"
    return None if _HEIF_BRANDS.isdisjoint(brands) else "HEIF"


def describe_bytes(data: bytes) -> str:
    """Describe bytes that are not a readable image, for a message, with the first twelve in hexadecimal."""
    return f"what looks like {_unsupported_kind(data)} (first bytes: {data[:12].hex(' ')})"


def unreadable_jpeg_process(data: bytes) -> str | None:
    """Return the coding process of a JPEG file that libjpeg does not decode; None for all others."""
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            bits = data[at + 4]
            return _UNREADABLE_JPEG_FRAMES.get(marker) or (f"{bits}-bit" if bits != 8 else None)
        at += 1 if marker == 0xFF else 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None


def _unsupported_signature(data: bytes) -> str | None:
    return next(
        (name for name, at, magic in _UNSUPPORTED_SIGNATURES if data[at : at + len(magic)] == magic), None
    )


def _unsupported_kind(data: bytes) -> str:
    if named := _unsupported_signature(data):
        return named
    if data[4:8] == b"ftyp":
        brand = data[8:12]
        return next((name for name, brands in _ISO_MEDIA_BRANDS.items() if brand in brands), "an MP4 video")
    head = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<svg", b"<?xml", b"<!doctype svg")):
        return "an SVG drawing" if b"<svg" in data[:4096].lower() else "an XML document"
    if head.startswith((b"<!doctype html", b"<html")):
        return "an HTML page"
    if head[:1] in (b"{", b"["):
        return "JSON"
    if data[:1] == b"P" and data[1:2] in b"1234567" and data[2:3].isspace():
        return "a Netpbm image (PBM, PGM, PPM or PAM)"
    return "text" if _CONTROL_BYTES.isdisjoint(data[:512]) else "no known kind of image"
