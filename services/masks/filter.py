"""Stability as SAM measures it, on the enlarged logits, for the candidates it decides about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats, Mask
from domain.masks import Candidates, Embedding, Prompt
from domain.ports.compute import WorkerPool
from domain.ports.models import Segmenter
from services.masks.candidates import CroppedCandidates
from services.masks.upsample import measuring_size, upsample_logits
from services.progress import CancelCheck, ignore_check

STABILITY_SCORE_OFFSET = 1.0
"""`stability_score_offset` of SAM 2's automatic mask generator."""

STABILITY_SCORE_TOLERANCE = 2.5
"""How far off a stability measured at the decoder's resolution may be, times the square root of the samples
measured: of masks of photographs with ragged borders one in a hundred is further off.
"""


def stability_scores(candidates: Candidates, threshold: float, width: int, height: int) -> Floats:
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
    samples = np.count_nonzero(candidates.logits > -STABILITY_SCORE_OFFSET, axis=(1, 2))
    close = np.flatnonzero(
        np.abs(candidates.stability - threshold) * np.sqrt(samples) < STABILITY_SCORE_TOLERANCE
    )
    size = measuring_size(width, height)
    measured = candidates.stability.copy()
    measured[close] = [_stability_score(candidates.logits[index], size) for index in close.tolist()]
    return measured


def _stability_score(logits: NDArray[np.floating], size: tuple[int, int]) -> float:
    loose = logits > -STABILITY_SCORE_OFFSET
    rows, columns = (_span(np.logical_or.reduce(loose, axis=axis)) for axis in (1, 0))
    frame = (logits.shape[0], logits.shape[1])
    patch = upsample_logits(logits[rows, columns], (rows.start, columns.start), frame, *size)
    tight, wide = (
        int(np.count_nonzero(patch.logits > offset))
        for offset in (STABILITY_SCORE_OFFSET, -STABILITY_SCORE_OFFSET)
    )
    return tight / max(wide, 1)


def _span(used: NDArray[np.bool_]) -> slice:
    """From one before the first to one after the last, within the axis."""
    last = len(used) - int(used[::-1].argmax())
    return slice(max(int(used.argmax()) - 1, 0), min(last + 1, len(used)))


@dataclass(frozen=True)
class CandidateFilter:
    """What a candidate must reach.

    Attributes:
        quality: Least predicted IoU, 0..1.
        stability: Least stability, 0..1.
        area: Least area as a fraction of the image, measured at the decoder's resolution.
        max_area: Largest area, likewise.
        allow_duplicates: Whether equal masks may stay.
    """

    quality: float = 0.0
    stability: float = 0.0
    area: float = 0.0
    max_area: float = 1.0
    allow_duplicates: bool = False

    def apply(self, candidates: Candidates, width: int, height: int) -> CroppedCandidates:
        """The candidates for an image of `width` x `height` pixels that pass, in order."""
        likely = _where(candidates, candidates.quality >= self.quality)
        stability = stability_scores(likely, self.stability, width, height)
        passed = _where(replace(likely, stability=stability), stability >= self.stability)
        return CroppedCandidates.of(passed, self._area_in_range, self.allow_duplicates)

    def _area_in_range(self, area_fraction: NDArray[np.float64]) -> Mask:
        """Which areas, as shares of the frame, are as wanted."""
        return (area_fraction >= self.area) & (area_fraction > 0) & (area_fraction <= self.max_area)


def _where(candidates: Candidates, good: Mask) -> Candidates:
    return candidates if good.all() else candidates.take(good)


def decode_and_filter(
    segmenter: Segmenter,
    embedding: Embedding,
    prompts: Sequence[Prompt],
    pool: WorkerPool,
    candidate_filter: CandidateFilter,
    check: CancelCheck = ignore_check,
) -> CroppedCandidates:
    """Candidates of all prompts that pass `candidate_filter`, in the order of the prompts.

    `check` is asked before each batch, in the thread that decodes it.

    Raises:
        ValueError: There are no prompts.
    """

    def decode(batch: Sequence[Prompt]) -> CroppedCandidates:
        check()
        return candidate_filter.apply(
            segmenter.decode(embedding, batch, candidate_filter.quality), embedding.width, embedding.height
        )

    parts = [*pool.map(decode, _prompt_batches(prompts, segmenter.defaults.prompts_per_batch))]
    found = CroppedCandidates.concatenate(parts)
    return found if candidate_filter.allow_duplicates else found.without_duplicates()


def _prompt_batches(prompts: Sequence[Prompt], size: int) -> Iterator[Sequence[Prompt]]:
    for start in range(0, len(prompts), size):
        yield prompts[start : start + size]
