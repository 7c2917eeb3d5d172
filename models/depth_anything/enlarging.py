"""Brings a map from the network's size to the photograph's."""

import numpy as np

from domain.arrays import Floats


def enlarged(values: Floats, height: int, width: int) -> Floats:
    """float32 [h, w] as [height, width], bilinear, corner pixels on corner pixels.

    As `torch.nn.functional.interpolate(..., mode="bilinear", align_corners=True)`; OpenCV's resize puts the
    edges of the pixels on each other instead.
    """
    across = _along_rows(np.ascontiguousarray(values.T), width)
    return _along_rows(np.ascontiguousarray(across.T), height)


def _along_rows(values: Floats, count: int) -> Floats:
    """[n, m] as [count, m]; two arrays of the result's size at a time."""
    at = np.linspace(0, len(values) - 1, count)
    below = at.astype(np.int64)
    share = (at - below).astype(np.float32)[:, None]
    mixed, above = values[below], values[np.minimum(below + 1, len(values) - 1)]
    mixed *= 1 - share
    above *= share
    mixed += above
    return mixed
