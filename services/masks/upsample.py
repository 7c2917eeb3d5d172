"""Enlarges low-resolution logits to pixels of the image, bilinearly, only around a mask."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats

MEASURING_LONG_SIDE = 1024
"""Long side at which masks of larger images are measured; an error of one of its pixels is negligible."""

LINES_PER_STRIP = 64
"""Lines enlarged at a time, so that they fit in the caches and no second full-size array is needed."""


@dataclass(frozen=True)
class LogitsPatch:
    """Logits of a rectangle of full-size pixels.

    Attributes:
        logits: float32 [columns, rows], transposed because run-length code is column-major.
        left: First column of the patch in the image.
        top: First row of the patch in the image.
    """

    logits: Floats
    left: int
    top: int


def upsample_logits(
    crop: NDArray[Any], corner: tuple[int, int], frame: tuple[int, int], width: int, height: int
) -> LogitsPatch:
    """Enlarge a crop of the logits to all pixels of the image that depend on it.

    The arithmetic is that of PyTorch's `interpolate(mode="bilinear", align_corners=False)`, which SAM 2 uses:
    float32, pixel centres at +0.5 in both frames, the border repeated. At the border of the crop its own
    samples are repeated too, so a crop with a margin of negative samples gives the mask of the whole frame.

    Args:
        crop: Logits [h, w] of any number type, with at least one sample.
        corner: Row and column of the frame at which the crop starts.
        frame: Rows and columns of the frame, which covers the whole image.
        width: Width of the image in pixels.
        height: Height of the image in pixels.
    """
    rows = _InterpolationAxis.of(corner[0], crop.shape[0], frame[0], height)
    columns = _InterpolationAxis.of(corner[1], crop.shape[1], frame[1], width)
    tall = rows.read(crop.astype(np.float32))
    return LogitsPatch(columns.read(np.ascontiguousarray(tall.T)), columns.start, rows.start)


def measuring_size(width: int, height: int) -> tuple[int, int]:
    """Return the width and height at which masks of an image are measured, at most MEASURING_LONG_SIDE."""
    shrink = min(1.0, MEASURING_LONG_SIDE / max(width, height))
    return max(1, round(width * shrink)), max(1, round(height * shrink))


@dataclass(frozen=True)
class _InterpolationAxis:
    """Linear interpolation along one axis.

    Attributes:
        start: First full-size pixel that depends on the crop.
        index: int64 [n], first of the two samples of the crop that each full-size pixel is made of.
        weight: float32 [n, 1], weight of the second one, 0..1.
    """

    start: int
    index: NDArray[np.int64]
    weight: Floats

    @classmethod
    def of(cls, first: int, count: int, low: int, high: int) -> "_InterpolationAxis":
        """Interpolate `count` samples from `first` on, of `low` in the frame, at `high` full-size pixels."""
        start = max(0, int((first - 1) * high / low))
        stop = min(high, int(np.ceil((first + count + 1) * high / low)))
        pixels = np.arange(start, stop, dtype=np.float32)
        centres = np.float32(low / high) * (pixels + np.float32(0.5)) - np.float32(0.5 + first)
        positions = np.clip(centres, 0, count - 1)
        index = np.clip(positions.astype(np.int64), 0, max(count - 2, 0))
        return cls(start, index, (positions - index).astype(np.float32)[:, None])

    def read(self, samples: Floats) -> Floats:
        """Interpolate samples [m, k] along the first axis: float32 [n, k]."""
        if len(samples) == 1:
            return samples.repeat(len(self.index), axis=0)
        steps = np.diff(samples, axis=0)
        found = np.empty((len(self.index), samples.shape[1]), np.float32)
        for start in range(0, len(found), LINES_PER_STRIP):
            part = slice(start, start + LINES_PER_STRIP)
            np.take(steps, self.index[part], axis=0, out=found[part], mode="clip")
            found[part] *= self.weight[part]
            found[part] += samples[self.index[part]]
        return found
