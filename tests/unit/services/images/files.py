"""Writes image files for tests of decoding: TIFF by its tags, PNG by its chunks, and ICC profiles."""

import io
import struct
import zlib
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image

HEIGHT, WIDTH = 40, 56

Order = Literal["<", ">"]
Tag = tuple[int, int, Sequence[int]]

D50 = (0.9642, 1.0, 0.8249)
SRGB_PRIMARIES = ((0.43607, 0.38515, 0.14307), (0.22249, 0.71687, 0.06061), (0.01392, 0.09708, 0.71410))
WIDE_SPACES: dict[str, tuple[tuple[tuple[float, ...], ...], float]] = {  # columns: red, green, blue; gamma
    "AdobeRGB": (
        ((0.60974, 0.20528, 0.14919), (0.31111, 0.62567, 0.06322), (0.01947, 0.06087, 0.74457)),
        2.19921875,
    ),
    "P3": (((0.51512, 0.29198, 0.15710), (0.24120, 0.69225, 0.06657), (-0.00105, 0.04189, 0.78407)), 2.2),
    "ProPhoto": (((0.79767, 0.13519, 0.03134), (0.28804, 0.71188, 0.00009), (0.0, 0.0, 0.82491)), 1.8),
    "linear": (SRGB_PRIMARIES, 1.0),
}


def picture() -> NDArray[np.uint8]:
    """A colour gradient without symmetry, uint8 [40, 56, 3]."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    return np.stack([x * 4, y * 6, (x + 2 * y) % 256], -1).astype(np.uint8)


def saved(image: Image.Image, file_format: str, **options: Any) -> bytes:
    """The image as a file."""
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def iso_media(image: Image.Image, file_format: str, **options: Any) -> bytes:
    """The image as a HEIF or AVIF file of high quality."""
    if file_format == "AVIF":
        return saved(image, "AVIF", quality=100, subsampling="4:4:4", **options)
    buffer = io.BytesIO()
    pillow_heif.from_pillow(image).save(buffer, quality=-1, chroma=444, **options)
    return buffer.getvalue()


def chunk(name: bytes, body: bytes) -> bytes:
    """One chunk of a PNG file."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(samples: NDArray[Any], bits: int, color_type: int, before: Iterable[bytes] = ()) -> bytes:
    """A PNG of samples [H, W] or [H, W, C], with the chunks `before` its pixels."""
    height, width = samples.shape[:2]
    rows = packed(samples.reshape(height, -1), bits, ">")
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, color_type, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows)))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(before) + pixels + chunk(b"IEND", b"")


def packed(rows: NDArray[Any], bits: int, order: Order) -> list[bytes]:
    """The bytes of rows of samples [H, N]; samples below 8 bits and of 12 bits are packed."""
    if bits in (8, 16, 32, 64):
        return [row.astype(row.dtype.newbyteorder(order)).tobytes() for row in rows]
    digits = (rows[..., None].astype(np.uint32) >> np.arange(bits - 1, -1, -1)) & 1
    return [np.packbits(row.reshape(-1).astype(np.uint8)).tobytes() for row in digits]


def tiff(tags: Iterable[Tag], blocks: Sequence[bytes], order: Order = "<", tiles: bool = False) -> bytes:
    """A TIFF of one directory with these tags (number, type, values) and the strips or tiles `blocks`."""
    codes, places, at = {1: "B", 2: "B", 3: "H", 4: "I", 7: "B"}, [], 8
    for block in blocks:
        places.append(at)
        at += len(block)
    offsets, counts = (324, 325) if tiles else (273, 279)
    entries = sorted([*tags, (offsets, 4, places), (counts, 4, [len(block) for block in blocks])])
    at += at % 2
    table, beyond, extra = b"", at + 2 + 12 * len(entries) + 4, b""
    for number, kind, values in entries:
        data = struct.pack(f"{order}{len(values)}{codes[kind]}", *values)
        field = data.ljust(4, b"\0") if len(data) <= 4 else struct.pack(f"{order}I", beyond + len(extra))
        extra += data + b"\0" * (len(data) % 2) if len(data) > 4 else b""
        table += struct.pack(f"{order}HHI", number, kind, len(values)) + field
    start = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", at)
    body = (start + b"".join(blocks)).ljust(at, b"\0")
    return body + struct.pack(f"{order}H", len(entries)) + table + b"\0\0\0\0" + extra


def tiff_of(
    samples: NDArray[Any],
    photometric: int,
    bits: int,
    order: Order = "<",
    planar: bool = False,
    rows_per_strip: int = 16,
    tags: Iterable[Tag] = (),
    deflate: bool = False,
) -> bytes:
    """A TIFF of samples [H, W, C] in strips, as pixels or as planes."""
    height, width, count = samples.shape
    images = [samples[..., [channel]] for channel in range(count)] if planar else [samples]
    strips = [
        b"".join(packed(image[top : top + rows_per_strip].reshape(-1, width * image.shape[2]), bits, order))
        for image in images
        for top in range(0, height, rows_per_strip)
    ]
    kind = {"u": 1, "b": 1, "i": 2, "f": 3}[samples.dtype.kind]
    usual: list[Tag] = [
        (256, 3, [width]),
        (257, 3, [height]),
        (258, 3, [bits] * count),
        (259, 3, [8 if deflate else 1]),
        (262, 3, [photometric]),
        (277, 3, [count]),
        (278, 3, [rows_per_strip]),
        (284, 3, [2 if planar else 1]),
        (339, 3, [kind] * count),
    ]
    return tiff([*usual, *tags], [zlib.compress(strip) if deflate else strip for strip in strips], order)


def _fixed(values: Iterable[float]) -> bytes:
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def icc_profile(space: bytes, gamma: float, primaries: Any = None) -> bytes:
    """A version 2 profile of a gamma: `GRAY`, or `RGB ` with primaries relative to D50, in columns."""
    described = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + b"\0" * 78
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))
    tags = [(b"desc", described), (b"cprt", b"text\0\0\0\0none\0"), (b"wtpt", b"XYZ \0\0\0\0" + _fixed(D50))]
    if space == b"GRAY":
        tags.append((b"kTRC", curve))
    else:
        columns = zip((b"rXYZ", b"gXYZ", b"bXYZ"), np.array(primaries).T, strict=True)
        tags += [(name, b"XYZ \0\0\0\0" + _fixed(column)) for name, column in columns]
        tags += [(name, curve) for name in (b"rTRC", b"gTRC", b"bTRC")]
    start, table, body = 128 + 4 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for name, data in tags:
        table += name + struct.pack(">II", start + len(body), len(data))
        body += data + b"\0" * (-len(data) % 4)
    kinds = struct.pack(">I4s4s4s4s4s", start + len(body), b"", b"\x02\x10\0\0", b"mntr", space, b"XYZ ")
    head = kinds + struct.pack(">6H", 2020, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28 + _fixed(D50)
    return head.ljust(128, b"\0") + table + body


def in_space(rgb: NDArray[np.uint8], primaries: Any, gamma: float) -> NDArray[np.float64]:
    """The numbers 0..1 that stand for sRGB pixels in another space, by its primaries and gamma."""
    there = _xyz(rgb) @ np.linalg.inv(np.array(primaries)).T
    return np.clip(there, 0, 1) ** (1 / gamma)


def lab_of(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """CIE L*a*b* of sRGB pixels relative to D50 (CIE 15)."""
    share = _xyz(rgb) / D50
    x, y, z = np.moveaxis(
        np.where(share > (6 / 29) ** 3, np.cbrt(share), share / (3 * (6 / 29) ** 2) + 4 / 29), -1, 0
    )
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1)


def _xyz(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    stored = rgb / 255
    linear = np.where(stored <= 0.04045, stored / 12.92, ((stored + 0.055) / 1.055) ** 2.4)
    return linear @ np.array(SRGB_PRIMARIES).T
