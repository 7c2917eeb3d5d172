"""Decodes prompts in batches on the worker pool and keeps the candidates that pass the thresholds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Mask
from domain.masks import Candidates, Embedding
from domain.ports.stores import Segmenter, WorkerPool
from domain.prompt import Prompt
from services.masks.candidates import Shortlist
from services.masks.stability import settled
from services.progress import Check, go_on


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
