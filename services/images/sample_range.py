"""Chooses which values of deep integer and float samples are black and white, and scales them."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.images.samples import PIXELS_PER_STRIP

_TWELVE_BITS: Final = 4095
_INTEGER_WHITES: Final = (255, _TWELVE_BITS, 65535)
_FLOAT_WHITES: Final = (1.0, 255.0, 65535.0)


@dataclass(frozen=True)
class SampleRange:
    """The values that become black and white, and a sentence about a guess, if it was one."""

    black: float
    white: float
    warning: str | None = None

    def scaled(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return the values as uint8 or uint16 levels of the full range; not-a-number becomes black."""
        if values.dtype in (np.uint8, np.uint16) and (self.black, self.white) == (
            0,
            np.iinfo(values.dtype).max,
        ):
            return values
        white = 255 if values.dtype.kind in "bu" and self.white <= 255 else 65535
        with np.errstate(invalid="ignore", over="ignore"):  # not-a-number and infinity are black and white
            scaled = (values.astype(np.float64) - self.black) * (white / (self.white - self.black))
        levels = np.clip(np.rint(np.nan_to_num(scaled, posinf=white, neginf=0)), 0, white)
        return levels.astype(np.uint8 if white == 255 else np.uint16)


def sample_range(
    values: NDArray[Any],
    bits: int,
    declared: tuple[float, float] | None = None,
    guess: bool = True,
) -> SampleRange:
    """Return the range of samples of any shape.

    Unsigned integers of up to 16 bits span all their bits. If the file declares the greatest value of deeper
    ones than 8, they span the bits that it needs: 12 bits in 16 end at 4,095. If it declares nothing and all
    values of a 16-bit image are below 4,096, it is taken for 12 bits, since nothing of it could be seen
    otherwise. Other numbers span the smallest of the usual ranges that holds them: 0 to 1 (float), 255, 4,095
    (integers), 65,535, and all bits of integers. Numbers that fit none span what is declared, else their
    own extremes.

    Args:
        values: Samples, bool, integer or float.
        bits: Bits of a sample in the file.
        declared: Least and greatest value by the tags of the file.
        guess: Whether a 16-bit image may be taken for 12 bits.
    """
    if values.dtype.kind in "bu" and bits <= 8:
        return SampleRange(0, 2**bits - 1)
    low, high = _extremes(values)
    if values.dtype.kind == "f":
        return _float_range(low, high, declared)
    if low < 0:
        return _own_range(low, high, declared)
    return _integer_range(high, bits - (values.dtype.kind == "i"), declared, guess)


def _integer_range(high: float, bits: int, declared: tuple[float, float] | None, guess: bool) -> SampleRange:
    limit = 2**bits - 1
    if declared is not None and max(high, 255) <= declared[1] <= limit:
        return SampleRange(0, 2 ** int(declared[1]).bit_length() - 1)
    if bits > 16:
        return SampleRange(0, next((white for white in _INTEGER_WHITES if high <= white), limit))
    if guess and bits > 14 and 0 < high <= _TWELVE_BITS:
        return SampleRange(0, _TWELVE_BITS, _guessed(high))
    return SampleRange(0, limit)


def _float_range(low: float, high: float, declared: tuple[float, float] | None) -> SampleRange:
    white = next((white for white in _FLOAT_WHITES if high <= white), None)
    if low < 0 or white is None:
        return _own_range(low, high, declared)
    # Values somewhat above 1 are bright light or the overshoot of a filter; out of 255 they would be black.
    return SampleRange(0, high) if 1 < high < 16 else SampleRange(0, white)


def _own_range(low: float, high: float, declared: tuple[float, float] | None) -> SampleRange:
    if declared is not None and declared[0] <= low and high <= declared[1] and declared[0] < declared[1]:
        low, high = declared
    return SampleRange(low, max(high, low + 1.0), f"The values from {low:g} to {high:g} span black to white.")


def _guessed(high: float) -> str:
    return (
        f"The values of this 16-bit image end at {high:g}, so it was taken for 12 bits: 4095 is white. "
        "The TIFF tag MaxSampleValue declares another range."
    )


def _extremes(values: NDArray[Any]) -> tuple[float, float]:
    """Return the least and the greatest finite value; 0 and 0 if there is none."""
    rows = max(1, PIXELS_PER_STRIP // max(1, values[0].size))
    lows, highs = [], []
    for top in range(0, len(values), rows):
        strip = values[top : top + rows]
        finite = strip[np.isfinite(strip)] if strip.dtype.kind == "f" else strip
        if finite.size:
            lows.append(float(finite.min()))
            highs.append(float(finite.max()))
    return (min(lows), max(highs)) if lows else (0.0, 0.0)
