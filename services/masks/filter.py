"""Stability as SAM measures it, on the enlarged logits, for the candidates it decides about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats, Mask
from domain.masks import Candidates, Embedding, Prompt
from domain.ports.compute import WorkerPool
from domain.ports.models import Segmenter
from services.masks.candidates import Shortlist
from services.masks.upsample import enlarge, measuring_size
from services.progress import Check, go_on

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


@dataclass(frozen=True)
class Filter:
    """What a candidate must reach.

    Attributes:
        quality: Least predicted IoU, 0..1.
        stability: Least stability, 0..1.
        area: Least area as a fraction of the image, measured at the decoder's resolution.
        most: Largest area, likewise.
        repeats: Whether equal masks may stay.
    """

    quality: float = 0.0
    stability: float = 0.0
    area: float = 0.0
    most: float = 1.0
    repeats: bool = False

    def apply(self, candidates: Candidates, width: int, height: int) -> Shortlist:
        """The candidates for an image of `width` x `height` pixels that pass, in order."""
        likely = _where(candidates, candidates.quality >= self.quality)
        stability = settled(likely, self.stability, width, height)
        passed = _where(replace(likely, stability=stability), stability >= self.stability)
        return Shortlist.of(passed, self._fits, self.repeats)

    def _fits(self, share: NDArray[np.float64]) -> Mask:
        """Which areas, as shares of the frame, are as wanted."""
        return (share >= self.area) & (share > 0) & (share <= self.most)


def _where(candidates: Candidates, good: Mask) -> Candidates:
    return candidates if good.all() else candidates.take(good)


def propose(
    segmenter: Segmenter,
    embedding: Embedding,
    prompts: Sequence[Prompt],
    pool: WorkerPool,
    keep: Filter,
    check: Check = go_on,
) -> Shortlist:
    """Candidates of all prompts that pass `keep`, in the order of the prompts.

    `check` is asked before each batch, in the thread that decodes it.

    Raises:
        ValueError: There are no prompts.
    """

    def decode(batch: Sequence[Prompt]) -> Shortlist:
        check()
        return keep.apply(segmenter.decode(embedding, batch, keep.quality), embedding.width, embedding.height)

    parts = [*pool.map(decode, _batches(prompts, segmenter.defaults.prompts_per_batch))]
    found = Shortlist.concatenate(parts)
    return found if keep.repeats else found.without_repeats()


def _batches(prompts: Sequence[Prompt], size: int) -> Iterator[Sequence[Prompt]]:
    for start in range(0, len(prompts), size):
        yield prompts[start : start + size]
