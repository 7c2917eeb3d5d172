"""Decompresses the strips or tiles of a TIFF file and joins them to an image.

tifffile unpacks bits and undoes predictors and byte order. It would also decompress, with imagecodecs, whose
decoder of LZW crashes on damaged data (2026.3.6), and which refuses strips that are longer than needed. So
zlib, liblzma, libzstd and, through Pillow, libtiff decompress here.
"""

import lzma
import math
import struct
import zlib
from io import BytesIO
from typing import Any, Final

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from PIL import TiffImagePlugin
from tifffile import COMPRESSION, FILLORDER, TiffPage

_NONE: Final = 1
_DEFLATE: Final = frozenset({8, 32946})
_LZMA: Final = 34925
_ZSTD: Final = frozenset({34926, 50000})
_BY_LIBTIFF: Final = frozenset({5, 32773})

COMPRESSIONS: Final = frozenset({_NONE, _LZMA, *_DEFLATE, *_ZSTD, *_BY_LIBTIFF})
"""None, LZW, Deflate, PackBits, LZMA and ZSTD, by their numbers."""

_LZMA_MEMORY: Final = 2**28
_REVERSED_BITS: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def decoded_samples(page: TiffPage, data: bytes) -> NDArray[Any]:
    """Decode the samples of a page, [planes, H, W, samples of a plane]; segments that are left out are zero.

    Raises:
        Exception: A segment is missing, too short or corrupt; of nearly any type.
    """
    compression, reverse = int(page.compression), page.fillorder == FILLORDER.LSB2MSB
    # The page hands out its decoder when it is first used; the steps that are done here are none to it.
    page.compression, page.fillorder = COMPRESSION.NONE, FILLORDER.MSB2LSB
    planes, _, height, width, samples = page.shaped
    values = np.zeros((planes, height, width, samples), page.dtype)
    segments = list(zip(page.dataoffsets, page.databytecounts, strict=True))
    if len(segments) < _segment_count(page):
        raise ValueError(f"there are {len(segments)} strips or tiles, expected {_segment_count(page)}")
    for number, (at, count) in enumerate(segments[: _segment_count(page)]):
        if count:
            segment = data[at : at + count]
            segment = segment.translate(_REVERSED_BITS) if reverse else segment
            unpacked = _decompressed(segment, compression, _segment_bytes(page, number))
            decoded, (plane, _, top, left, _), _ = page.decode(unpacked, number)
            block = np.asarray(decoded)[0, : height - top, : width - left]
            values[plane, top : top + block.shape[0], left : left + block.shape[1]] = block
    return values


def _segment_count(page: TiffPage) -> int:
    rows, columns = _segment_shape(page)
    return page.shaped[0] * math.ceil(page.imagelength / rows) * math.ceil(page.imagewidth / columns)


def _segment_shape(page: TiffPage) -> tuple[int, int]:
    """Return the rows and columns of a strip or tile."""
    if page.is_tiled:
        return page.tilelength, page.tilewidth
    return min(page.rowsperstrip, page.imagelength), page.imagewidth


def _segment_bytes(page: TiffPage, number: int) -> int:
    """Return the size of a segment when it is decompressed; the last strip of a plane may have fewer rows."""
    rows, columns = _segment_shape(page)
    if not page.is_tiled:
        strips = math.ceil(page.imagelength / rows)
        rows = min(rows, page.imagelength - number % strips * rows)
    return rows * math.ceil(columns * page.shaped[-1] * int(page.bitspersample) / 8)


def _decompressed(segment: bytes, compression: int, size: int) -> bytes:
    """Return the first `size` bytes of a segment."""
    if compression == _NONE:
        return segment
    if compression in _DEFLATE:
        return zlib.decompressobj().decompress(segment, size)
    if compression == _LZMA:
        return lzma.LZMADecompressor(memlimit=_LZMA_MEMORY).decompress(segment, size)
    if compression in _ZSTD:
        return bytes(imagecodecs.zstd_decode(segment, out=size))
    return _decompressed_by_libtiff(segment, compression, size)


def _decompressed_by_libtiff(segment: bytes, compression: int, size: int) -> bytes:
    """Decompress a segment as the only row of a grey image of 8 bits."""
    tags = {256: size, 257: 1, 258: 8, 259: compression, 262: 1, 273: 0, 277: 1, 278: 1, 279: len(segment)}
    tags[273] = 8 + 2 + 12 * len(tags) + 4
    table = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    head = b"II*\0" + struct.pack("<IH", 8, len(tags)) + table + bytes(4)
    image = TiffImagePlugin.TiffImageFile(BytesIO(head + segment))
    try:
        image.load()
    except OSError as error:
        raise ValueError("a compressed strip or tile is damaged or too short") from error
    return image.tobytes()
