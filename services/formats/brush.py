"""Packs masks in the run-length code of Label Studio's brush (@thi.ng/rle-pack)."""

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Mask
from services.masks.formats import Box

_CHANNELS = 4
"""Bytes of a pixel: Label Studio packs RGBA, all four 255 in the mask and 0 outside."""

_LENGTH_BITS = np.array([3, 4, 8, 16])
"""Bits of the length of a run, by the number of the field; the smallest that holds it is used."""

_MAX_RUN = 1 << 16

_WORD_BITS = 8


def brush_rle(crop: Mask, box: Box, width: int, height: int) -> list[int]:
    """Return the bytes, 0..255 each, of the code for a mask.

    Args:
        crop: The mask inside its box, bool [H, W].
        box: The box in pixels of the image.
        width: Width of the image.
        height: Height of the image.
    """
    count = width * height * _CHANNELS
    values, lengths = _byte_runs(_changes(crop, box, width) * _CHANNELS, count)
    code: list[int] = np.packbits(np.concatenate([_header_bits(count), _run_bits(values, lengths)])).tolist()
    return code


def _changes(crop: Mask, box: Box, width: int) -> NDArray[np.int64]:
    """Return the pixels, counted row by row through the image, at which a run of the mask starts or ends."""
    left, top = box[:2]
    framed = np.pad(crop, ((0, 0), (1, 1)))
    rows, columns = np.nonzero(framed[:, 1:] != framed[:, :-1])
    changes = (top + rows) * width + left + columns
    # A run that goes on in the next row ends where it starts again.
    equal = np.flatnonzero(changes[1:] == changes[:-1])
    return np.delete(changes, np.concatenate([equal, equal + 1]))


def _byte_runs(changes: NDArray[np.int64], count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the values, 0 or 255, and the lengths in bytes of the runs; long runs are cut."""
    lengths = np.diff(changes, prepend=0, append=count)
    values = np.arange(len(lengths)) % 2 * 255
    pieces = -(-lengths // _MAX_RUN)  # A run of no length, at the start or the end, has none.
    cut = np.full(pieces.sum(), _MAX_RUN, np.int64)
    lasting = lengths > 0
    cut[np.cumsum(pieces)[lasting] - 1] = (lengths - (pieces - 1) * _MAX_RUN)[lasting]
    return np.repeat(values, pieces), cut


def _header_bits(count: int) -> NDArray[np.uint8]:
    """Return the bits of the number of bytes, the word size and the sizes of the lengths."""
    fields = [(count, 32), (_WORD_BITS - 1, 5), *((size - 1, 4) for size in _LENGTH_BITS.tolist())]
    text = "".join(f"{value:0{size}b}" for value, size in fields)
    return np.array([int(bit) for bit in text], np.uint8)


def _run_bits(values: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return the bits of all runs: 1, two bits for the field, the length less one, the value."""
    field = np.searchsorted(1 << _LENGTH_BITS, lengths)
    sizes = _LENGTH_BITS[field]
    codes = ((4 | field) << sizes | (lengths - 1)) << _WORD_BITS | values
    widths = 3 + sizes + _WORD_BITS
    ends = np.cumsum(widths)
    # The distance of a bit from the end of its code is the power of two that it stands for.
    power = np.repeat(ends, widths) - 1 - np.arange(ends[-1])
    bits: NDArray[np.uint8] = (np.repeat(codes, widths) >> power & 1).astype(np.uint8)
    return bits
