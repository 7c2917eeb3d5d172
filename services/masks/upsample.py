"""Enlarges low-resolution logits to pixels of the image, bilinearly, only where a mask is."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats

MEASURING_LONG_SIDE = 1024
"""Larger images are measured at this long side: a pixel of it more or less changes no decision."""

LINES_PER_STRIP = 64
"""Lines enlarged at once: they stay in the caches, and no second array of the full size is needed."""


@dataclass(frozen=True)
class LogitsPatch:
    """Logits at full-size pixels.

    Attributes:
        logits: float32 [columns, rows]: transposed, because run-length code is column-major.
        left: Column of the image that the patch starts with.
        top: Row of the image that it starts with.
    """

    logits: Floats
    left: int
    top: int


def upsample_logits(
    crop: NDArray[Any], corner: tuple[int, int], frame: tuple[int, int], width: int, height: int
) -> LogitsPatch:
    """Every pixel of the image that reads from a crop of the logits.

    The arithmetic is that of PyTorch's `interpolate(mode="bilinear", align_corners=False)`, which SAM 2 uses:
    float32, pixel centres at +0.5 in both frames, the border repeated. At the border of the crop its own
    samples are repeated too: a crop with a margin of negative ones has the mask of the whole frame.

    Args:
        crop: Logits [h, w], any number type, at least one sample.
        corner: Row and column of the frame that the crop starts with.
        frame: Rows and columns of the frame, which covers the whole image.
        width: Pixels of the image.
        height: Pixels of the image.
    """
    rows = _InterpolationAxis.of(corner[0], crop.shape[0], frame[0], height)
    columns = _InterpolationAxis.of(corner[1], crop.shape[1], frame[1], width)
    tall = rows.read(crop.astype(np.float32))
    return LogitsPatch(columns.read(np.ascontiguousarray(tall.T)), columns.start, rows.start)


def measuring_size(width: int, height: int) -> tuple[int, int]:
    """Width and height at which an image's masks are measured before they are made: at most MEASURED_SIDE."""
    shrink = min(1.0, MEASURING_LONG_SIDE / max(width, height))
    return max(1, round(width * shrink)), max(1, round(height * shrink))


@dataclass(frozen=True)
class _InterpolationAxis:
    """From which samples of a crop, and with which weight, each full-size pixel along one axis reads."""

    start: int
    index: NDArray[np.int64]
    weight: Floats

    @classmethod
    def of(cls, first: int, count: int, low: int, high: int) -> "_InterpolationAxis":
        start = max(0, int((first - 1) * high / low))
        stop = min(high, int(np.ceil((first + count + 1) * high / low)))
        pixels = np.arange(start, stop, dtype=np.float32)
        centres = np.float32(low / high) * (pixels + np.float32(0.5)) - np.float32(0.5 + first)
        positions = np.clip(centres, 0, count - 1)
        index = np.clip(positions.astype(np.int64), 0, max(count - 2, 0))
        return cls(start, index, (positions - index).astype(np.float32)[:, None])

    def read(self, samples: Floats) -> Floats:
        """Samples [n, k] read along the first axis."""
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
