"""Stability as SAM measures it, on the enlarged logits, for the candidates it decides about."""

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats
from domain.masks import Candidates
from services.masks.upsample import enlarge, measuring_size

OFFSET = 1.0
"""`stability_score_offset` of SAM 2's automatic mask generator."""

BAND = 2.5
"""How far off a stability measured at the decoder's resolution may be, times the square root of the samples
measured: of masks of photographs with ragged borders one in a hundred is further off.
"""


def settled(candidates: Candidates, threshold: float, width: int, height: int) -> Floats:
    """Stability of each candidate, float32 [N]; measured again where the threshold is near.

    SAM counts pixels above OFFSET and above -OFFSET at the size of the image, a decoder at its own. The
    difference matters only near the threshold, and only logits that are floats can be counted so.

    Args:
        candidates: N of them.
        threshold: Least stability; 0 needs no measure.
        width: Pixels of the image.
        height: Pixels of the image.
    """
    if threshold <= 0 or candidates.logits.dtype.kind != "f":
        return candidates.stability
    samples = np.count_nonzero(candidates.logits > -OFFSET, axis=(1, 2))
    close = np.flatnonzero(np.abs(candidates.stability - threshold) * np.sqrt(samples) < BAND)
    size = measuring_size(width, height)
    measured = candidates.stability.copy()
    measured[close] = [_measured(candidates.logits[index], size) for index in close.tolist()]
    return measured


def _measured(logits: NDArray[np.floating], size: tuple[int, int]) -> float:
    loose = logits > -OFFSET
    rows, columns = (_span(np.logical_or.reduce(loose, axis=axis)) for axis in (1, 0))
    frame = (logits.shape[0], logits.shape[1])
    patch = enlarge(logits[rows, columns], (rows.start, columns.start), frame, *size)
    tight, wide = (int(np.count_nonzero(patch.logits > offset)) for offset in (OFFSET, -OFFSET))
    return tight / max(wide, 1)


def _span(used: NDArray[np.bool_]) -> slice:
    """From one before the first to one after the last, within the axis."""
    last = len(used) - int(used[::-1].argmax())
    return slice(max(int(used.argmax()) - 1, 0), min(last + 1, len(used)))
