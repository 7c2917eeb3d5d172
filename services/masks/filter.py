"""Filters candidates by quality, stability and area, as SAM's automatic mask generator does.

`CandidateFilter.quality` is its `pred_iou_thresh` and `CandidateFilter.stability` its
`stability_score_thresh` (Kirillov et al., 2023, appendix B; `calculate_stability_score` in its code).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats, Mask
from domain.masks import Candidates, Embedding, Prompt
from domain.ports.compute import Decoder, WorkerPool
from services.masks.candidates import CroppedCandidates
from services.masks.upsample import measuring_size, upsample_logits
from services.progress import CancelCheck, ignore

STABILITY_SCORE_OFFSET = 1.0
"""`stability_score_offset` of SAM's automatic mask generator, in logits."""

STABILITY_SCORE_TOLERANCE = 2.5
"""Error of a stability score measured at the decoder's resolution, times the square root of the sample count.

In photographs, one in a hundred masks with ragged borders has a larger error.
"""


@dataclass(frozen=True)
class CandidateFilter:
    """Thresholds on candidates.

    Attributes:
        quality: Least predicted IoU, 0..1.
        stability: Least stability score, 0..1.
        area: Least area as a fraction of the image, measured at the decoder's resolution.
        max_area: Largest area, in the same unit.
        allow_duplicates: Whether equal masks stay; otherwise only the first of the best quality does.
    """

    quality: float = 0.0
    stability: float = 0.0
    area: float = 0.0
    max_area: float = 1.0
    allow_duplicates: bool = False

    def apply(self, candidates: Candidates, width: int, height: int) -> CroppedCandidates:
        """Return the candidates that pass, in order, for an image of `width` x `height` pixels."""
        likely = _where(candidates, candidates.quality >= self.quality)
        stability = stability_scores(likely, self.stability, width, height)
        passed = _where(replace(likely, stability=stability), stability >= self.stability)
        return CroppedCandidates.of(passed, self._area_in_range, self.allow_duplicates)

    def _area_in_range(self, area_fraction: NDArray[np.float64]) -> Mask:
        """Return which area fractions [N] are within the limits, bool [N]; 0 never is."""
        return (area_fraction >= self.area) & (area_fraction > 0) & (area_fraction <= self.max_area)


def _where(candidates: Candidates, good: Mask) -> Candidates:
    return candidates if good.all() else candidates.take(good)


def decode_and_filter(
    decoder: Decoder,
    embedding: Embedding,
    batches: Iterable[Sequence[Prompt]],
    pool: WorkerPool,
    candidate_filter: CandidateFilter,
    check: CancelCheck = ignore,
) -> CroppedCandidates:
    """Return the candidates of all prompts that pass `candidate_filter`, in the order of the prompts.

    `pool` filters the candidates of one batch while `decoder` decodes others. `check` is called before each
    batch and raises to cancel the rest.

    Raises:
        ValueError: There are no prompts.
    """

    def apply(candidates: Candidates) -> CroppedCandidates:
        return candidate_filter.apply(candidates, embedding.width, embedding.height)

    decoded = decoder.decode_all(embedding, batches, candidate_filter.quality, check)
    found = CroppedCandidates.concatenate([*pool.map(apply, decoded)])
    return found if candidate_filter.allow_duplicates else found.without_duplicates()


def stability_scores(candidates: Candidates, threshold: float, width: int, height: int) -> Floats:
    """Return the stability score of each candidate, float32 [N], accurate enough to compare with `threshold`.

    The score is the IoU of the masks `logits > offset` and `logits > -offset`. SAM counts their pixels at the
    size of the image, decoders at their own. The difference matters only near the threshold, where the score
    is measured again on the upsampled logits; logits that are not floats keep the decoder's score.

    Args:
        candidates: N candidates.
        threshold: Least stability score; 0 needs no measurement.
        width: Width of the image in pixels.
        height: Height of the image in pixels.
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
    """Measure the stability score of logits [h, w], upsampled to `size` (width, height)."""
    loose = logits > -STABILITY_SCORE_OFFSET
    rows, columns = (_span(np.logical_or.reduce(loose, axis=axis)) for axis in (1, 0))
    frame = (logits.shape[0], logits.shape[1])
    patch = upsample_logits(logits[rows, columns], (rows.start, columns.start), frame, *size)
    intersection = int(np.count_nonzero(patch.logits > STABILITY_SCORE_OFFSET))
    union = int(np.count_nonzero(patch.logits > -STABILITY_SCORE_OFFSET))
    return intersection / max(union, 1)


def _span(used: NDArray[np.bool_]) -> slice:
    """Return the slice from one before the first set sample to one after the last, within the axis."""
    last = len(used) - int(used[::-1].argmax())
    return slice(max(int(used.argmax()) - 1, 0), min(last + 1, len(used)))
