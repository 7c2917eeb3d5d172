"""Packs masks in the run-length code of Label Studio's brush (@thi.ng/rle-pack)."""

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Mask

_CHANNELS = 4
"""Bytes of a pixel: Label Studio packs RGBA, all four 255 in the mask and 0 outside."""

_LENGTH_BITS = np.array([3, 4, 8, 16])
"""Bits of the length of a run, by the number of the field; the smallest that holds it is used."""

_MAX_RUN = 1 << 16

_WORD_BITS = 8


def brush_rle(mask: Mask) -> list[int]:
    """Return the bytes, 0..255 each, of the code for a mask bool [H, W]."""
    values, lengths = _byte_runs(mask)
    return np.packbits(
        np.concatenate([_header_bits(mask.size * _CHANNELS), _run_bits(values, lengths)])
    ).tolist()


def _byte_runs(mask: Mask) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the values, 0 or 255, and the lengths in bytes of the runs, row by row; long runs are cut."""
    pixels = mask.ravel()
    starts = np.concatenate([[0], np.flatnonzero(pixels[1:] != pixels[:-1]) + 1])
    lengths = np.diff(starts, append=len(pixels)) * _CHANNELS
    pieces = -(-lengths // _MAX_RUN)
    cut = np.full(pieces.sum(), _MAX_RUN, np.int64)
    cut[np.cumsum(pieces) - 1] = lengths - (pieces - 1) * _MAX_RUN
    return np.repeat(pixels[starts] * 255, pieces), cut


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
    return (np.repeat(codes, widths) >> power & 1).astype(np.uint8)
