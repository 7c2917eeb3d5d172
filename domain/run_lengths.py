"""Run lengths of COCO's masks: reading compressed counts, and the share of each cell that a mask covers.

The format is that of pycocotools (Lin et al. 2014): columns one after the other, runs off and on the mask by
turns, the first one off. Nothing here needs the mask as pixels, so that a long code of a huge mask is cheap.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats
from domain.masks import Rle

RunLengths = NDArray[np.int64]
"""Run lengths: int64 [R], at least one; the even ones are off the mask, the odd ones on it."""

MAX_RUNS = 2_000_000
"""Largest number of runs of a mask; the most ragged masks of photographs have fewer by far."""

MAX_CHARS_PER_RUN = 7
"""Largest number of characters of a compressed run length, which is enough for 32 bits and a sign."""

_FIRST_CHAR, _MORE, _DIGITS, _SIGN, _BITS = 48, 0x20, 0x1F, 0x10, 5


def decompress_counts(text: str) -> RunLengths:
    """Return the run lengths in COCO's compressed counts.

    Raises:
        ValueError: The text is in another form; the message says which.
    """
    codes = np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8).astype(np.int64) - _FIRST_CHAR
    if not len(codes) or codes.min() < 0 or codes.max() > _MORE + _DIGITS or codes[-1] & _MORE:
        raise ValueError("expected compressed run lengths of COCO")
    last = np.flatnonzero(codes & _MORE == 0)
    first = np.concatenate([[0], last[:-1] + 1])
    if len(last) > MAX_RUNS or (last - first).max() >= MAX_CHARS_PER_RUN:
        raise ValueError(f"expected at most {MAX_RUNS} run lengths of 32 bits")
    place = np.arange(len(codes)) - np.repeat(first, last - first + 1)
    values = np.add.reduceat((codes & _DIGITS) << (_BITS * place), first)
    negative = codes[last] & _SIGN > 0
    values[negative] -= np.int64(1) << (_BITS * (last - first + 1)[negative])
    # From the fourth on, a code is the difference from the run length before the last one.
    values[1::2], values[2::2] = np.cumsum(values[1::2]), np.cumsum(values[2::2])
    return values


def check_run_lengths(runs: RunLengths, height: int, width: int) -> None:
    """Refuse run lengths that are not those of a mask of `width` x `height` pixels with a pixel on it.

    Raises:
        ValueError: They are not; the message says what was expected and what came.
    """
    if runs.min() < 0 or runs.max() > height * width:
        raise ValueError(
            f"expected run lengths from 0 to {height} x {width}, not {runs.min()} to {runs.max()}"
        )
    if runs.sum() != height * width:
        raise ValueError(f"expected run lengths with the sum {height} x {width}, not {runs.sum()}")
    if not runs[1::2].any():
        raise ValueError("expected a mask with at least one pixel, not an empty one")


CHUNK_COLUMNS = 4096
"""Number of columns of a mask that are read at once, which limits the memory for wide images."""


def mask_coverage(rle: Rle, rows: int, columns: int) -> Floats:
    """Return the share of each cell of a grid over the whole image that the mask covers.

    Args:
        rle: A mask with a pixel on it.
        rows: Number of rows of the grid; they may be more or fewer than those of the mask.
        columns: Number of columns of the grid.

    Returns:
        float32 [rows, columns], 0..1.
    """
    cuts = np.linspace(0, rle.width, columns + 1)
    pixels = np.zeros((columns, rows))
    for start, filled in _filled_columns(rle, np.linspace(0, rle.height, rows + 1)):
        running = np.concatenate([np.zeros((1, rows)), np.cumsum(filled, axis=0)])
        place = np.clip(cuts - start, 0, len(filled))
        before = np.minimum(place.astype(np.int64), len(filled) - 1)
        pixels += np.diff(running[before] + (place - before)[:, None] * filled[before], axis=0)
    cell = rle.width / columns * rle.height / rows
    return np.ascontiguousarray(pixels.T / cell, np.float32).clip(0.0, 1.0)


def _filled_columns(rle: Rle, edges: NDArray[np.float64]) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Yield chunks of columns that hold the mask: the first one, and pixels between edges [columns, rows].

    The number of pixels on the mask before a place of the code is piecewise linear.
    """
    runs = decompress_counts(rle.counts)
    ends = np.concatenate([[0], np.cumsum(runs)])
    counted = np.concatenate([[0], np.cumsum(runs * (np.arange(len(runs)) % 2))])
    on = 1 + 2 * np.flatnonzero(runs[1::2])
    first, stop = int(ends[on[0]]) // rle.height, -(-int(ends[on[-1] + 1]) // rle.height)
    for start in range(first, stop, CHUNK_COLUMNS):
        places = np.arange(start, min(start + CHUNK_COLUMNS, stop))[:, None] * rle.height + edges
        yield start, np.diff(np.interp(places, ends, counted), axis=1)
