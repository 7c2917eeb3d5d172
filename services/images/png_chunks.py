"""Reduces PNG files to the chunks that decide on their pixels, so that no metadata can refuse an image."""

import struct
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

MAX_METADATA_BYTES: Final = 16 * 2**20
"""Largest size of a colour profile or of an orientation's text, uncompressed; larger ones are ignored."""

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_END: Final = b"\0\0\0\0IEND\xaeB`\x82"
_CRITICAL: Final = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
_LEAST_BYTES: Final = {
    b"tRNS": 1,
    b"gAMA": 4,
    b"cHRM": 32,
    b"sRGB": 1,
    b"cICP": 1,
    b"iCCP": 3,
    b"sBIT": 1,
    b"eXIf": 8,
}
"""Ancillary chunks of colour and orientation, with the least length of each."""

_ORIENTATION_TEXTS: Final = frozenset(
    {b"XML:com.adobe.xmp", b"Raw profile type exif", b"Raw profile type APP1", b"Raw profile type xmp"}
)


class _Chunk(NamedTuple):
    kind: bytes
    body: memoryview
    whole: memoryview
    intact: bool


def essential_png(data: bytes) -> bytes:
    """Return the file with the chunks that the pixels, their colours and their orientation depend on.

    Texts, times, thumbnails, animation frames and private chunks are dropped, as are colour and orientation
    chunks whose checksum is wrong: none of them is a reason to refuse the pixels. A missing IEND is added.
    Chunks of pixels stay as they are, also damaged ones.
    """
    kept: list[bytes | memoryview] = [_SIGNATURE]
    complete = True
    for chunk in _chunks(data):
        complete = len(chunk.whole) == len(chunk.body) + 12
        if chunk.kind in _CRITICAL or (chunk.intact and _needed(chunk)):
            kept.append(chunk.whole)
        if chunk.kind == b"IEND":
            break
    else:
        kept.append(_END if complete else b"")
    return b"".join(kept)


def png_frame_count(data: bytes) -> int:
    """Return the number of frames that a PNG file announces (acTL); 1 for an image that is not animated."""
    for chunk in _chunks(data):
        if chunk.kind == b"acTL" and len(chunk.body) >= 4:
            return max(1, int.from_bytes(chunk.body[:4], "big"))
        if chunk.kind == b"IDAT":
            break
    return 1


def _chunks(data: bytes) -> Iterator[_Chunk]:
    view, at = memoryview(data), len(_SIGNATURE)
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        whole = view[at : at + 12 + length]
        body = whole[8 : 8 + length]
        checksum = zlib.crc32(body, zlib.crc32(kind)) if kind not in _CRITICAL else 0
        yield _Chunk(kind, body, whole, whole[8 + length :] == checksum.to_bytes(4, "big"))
        at += 12 + length


def _needed(chunk: _Chunk) -> bool:
    if chunk.kind in _LEAST_BYTES:
        long_enough = len(chunk.body) >= _LEAST_BYTES[chunk.kind]
        return long_enough and (chunk.kind != b"iCCP" or _inflates_within_limit(_after_keyword(chunk)))
    if chunk.kind not in (b"tEXt", b"zTXt", b"iTXt"):
        return False
    if bytes(chunk.body[:80]).partition(b"\0")[0] not in _ORIENTATION_TEXTS:
        return False
    text = _after_keyword(chunk)
    if chunk.kind == b"iTXt":  # compression flag and method, language, translated keyword, text
        return text[:1] == b"\0" or _inflates_within_limit(text[1:2] + text[2:].split(b"\0", 2)[-1])
    return chunk.kind == b"tEXt" or _inflates_within_limit(text)


def _after_keyword(chunk: _Chunk) -> bytes:
    return bytes(chunk.body).partition(b"\0")[2]


def _inflates_within_limit(compressed: bytes) -> bool:
    """Return whether the compression method, one byte, is deflate, and what follows is not too large."""
    if compressed[:1] != b"\0":
        return False
    inflater = zlib.decompressobj()
    try:
        inflater.decompress(compressed[1:], MAX_METADATA_BYTES)
    except zlib.error:
        return False
    return not inflater.unconsumed_tail
