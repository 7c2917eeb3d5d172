"""Finds the photograph in a TIFF file: its first page that is neither a thumbnail nor a camera's sensor data.

The directories (TIFF 6.0, and BigTIFF) are read without their pixels, and before a reader of pixels meets
compressions that it does not know.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

MAX_PAGES: Final = 1000
"""Number of pages up to which a file is searched and counted."""

_NEW_SUBFILE_TYPE: Final = 254
_SUBFILE_TYPE: Final = 255
_PHOTOMETRIC: Final = 262
_SUB_IFDS: Final = 330
_DNG_VERSION: Final = 50706
_TAGS: Final = frozenset({_NEW_SUBFILE_TYPE, _SUBFILE_TYPE, _PHOTOMETRIC, _SUB_IFDS, _DNG_VERSION})

_MAX_VALUES: Final = 64
"""Number of values of a tag that are read; cameras write fewer than ten sub-directories."""

_REDUCED_OR_MASK: Final = 0b101
"""Bits of NewSubfileType that mark a reduced image, or a transparency mask, of another page."""

_REDUCED_IMAGE: Final = 2
"""Value of SubfileType, the older tag, that marks a reduced image."""

_SENSOR_DATA: Final = frozenset({32803, 34892})
"""Photometric interpretations of camera raw files: colour filter array (TIFF/EP) and LinearRaw (DNG)."""

_VALUE_FORMATS: Final = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
"""Struct format of the unsigned integers by type of field."""

_Directory = dict[int, tuple[int, ...]]


@dataclass(frozen=True)
class TiffPages:
    """The pages of a TIFF file.

    Attributes:
        photograph: Index of the first page that is neither a thumbnail nor a mask; 0 if there is none.
        count: Number of such pages, at least 1 and at most `MAX_PAGES`.
        camera_raw: Whether the file is a camera raw file, whose readable pages are only previews.
    """

    photograph: int
    count: int
    camera_raw: bool


def read_tiff_pages(data: bytes) -> TiffPages:
    """Return the pages of a TIFF file; a damaged directory ends them."""
    layout = _Layout.of(data)
    directories = [*_chain(data, layout, layout.first)]
    photographs = [
        page
        for page, directory in enumerate(directories)
        if not directory.get(_NEW_SUBFILE_TYPE, (0,))[0] & _REDUCED_OR_MASK
        and directory.get(_SUBFILE_TYPE, (0,))[0] != _REDUCED_IMAGE
    ]
    return TiffPages(
        photograph=photographs[0] if photographs else 0,
        count=max(1, len(photographs)),
        camera_raw=any(_is_camera_raw(data, layout, directory) for directory in directories),
    )


class _Layout(NamedTuple):
    """Byte order and field sizes of a file, and the offset of its first directory."""

    order: str
    count_format: str
    entry_format: str
    offset_format: str
    first: int

    @classmethod
    def of(cls, data: bytes) -> "_Layout":
        order = "<" if data[:2] == b"II" else ">"
        if data[2:4] in (b"+\0", b"\0+"):
            return cls(order, "Q", "HHQ8s", "Q", _unpack(data, order + "Q", 8)[0])
        return cls(order, "H", "HHI4s", "I", _unpack(data, order + "I", 4)[0])


def _unpack(data: bytes, pattern: str, offset: int) -> tuple[int, ...]:
    """Return the numbers at an offset; zeros where the file has ended."""
    size = struct.calcsize(pattern)
    return struct.unpack(pattern, data[offset : offset + size].ljust(size, b"\0"))


def _chain(data: bytes, layout: _Layout, offset: int) -> Iterator[_Directory]:
    """Yield the directories from an offset on, each of which names the next."""
    seen: set[int] = set()
    while offset and offset < len(data) and offset not in seen and len(seen) < MAX_PAGES:
        seen.add(offset)
        directory, offset = _read_directory(data, layout, offset)
        yield directory


def _read_directory(data: bytes, layout: _Layout, offset: int) -> tuple[_Directory, int]:
    """Return the tags of a directory that matter here, and the offset of the next directory."""
    order, entry = layout.order, struct.Struct(layout.order + layout.entry_format)
    (count,) = _unpack(data, order + layout.count_format, offset)
    start = offset + struct.calcsize(order + layout.count_format)
    end = start + count * entry.size
    table = data[start:end]
    tags = {
        tag: _values(data, layout, kind, length, value)
        for tag, kind, length, value in entry.iter_unpack(table[: len(table) // entry.size * entry.size])
        if tag in _TAGS and kind in _VALUE_FORMATS and length
    }
    return tags, _unpack(data, order + layout.offset_format, end)[0]


def _values(data: bytes, layout: _Layout, kind: int, length: int, value: bytes) -> tuple[int, ...]:
    pattern = f"{layout.order}{min(length, _MAX_VALUES)}{_VALUE_FORMATS[kind]}"
    if struct.calcsize(f"{layout.order}{_VALUE_FORMATS[kind]}") * length <= len(value):
        return _unpack(value, pattern, 0)
    return _unpack(data, pattern, _unpack(value, layout.order + layout.offset_format, 0)[0])


def _is_camera_raw(data: bytes, layout: _Layout, directory: _Directory) -> bool:
    children = (_read_directory(data, layout, offset)[0] for offset in directory.get(_SUB_IFDS, ()))
    return _DNG_VERSION in directory or any(
        found.get(_PHOTOMETRIC, (0,))[0] in _SENSOR_DATA for found in (directory, *children)
    )
