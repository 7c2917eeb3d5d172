"""Decodes prompts in batches on the worker pool and keeps the candidates that pass the thresholds."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from domain.ports import Segmenter, WorkerPool
from domain.types import Candidates, Embedding, Prompt


@dataclass(frozen=True)
class Filter:
    """What a candidate must reach.

    Attributes:
        quality: Least predicted IoU, 0..1.
        stability: Least stability, 0..1.
        area: Least area as a fraction of the image, measured at the decoder's resolution.
    """

    quality: float = 0.0
    stability: float = 0.0
    area: float = 0.0

    def apply(self, candidates: Candidates) -> Candidates:
        """The candidates that reach all three."""
        fractions = (candidates.logits > 0).mean(axis=(1, 2))
        return candidates.take(
            (candidates.quality >= self.quality)
            & (candidates.stability >= self.stability)
            & (fractions >= self.area)
            & (fractions > 0)
        )


def propose(
    segmenter: Segmenter, embedding: Embedding, prompts: Sequence[Prompt], pool: WorkerPool, keep: Filter
) -> Candidates:
    """Candidates of all prompts that pass `keep`, equal masks once, in the order of the prompts."""
    size = segmenter.defaults.prompts_per_batch
    batches = [prompts[start : start + size] for start in range(0, len(prompts), size)]

    def decode(batch: Sequence[Prompt]) -> Candidates:
        return keep.apply(segmenter.decode(embedding, batch))

    return _merge_equal(pool.map(decode, batches))


def _merge_equal(batches: Iterable[Candidates]) -> Candidates:
    """One batch of all candidates; of equal masks the one of best quality stays, in the first one's place."""
    best: dict[bytes, Candidates] = {}
    empty: Candidates | None = None
    for batch in batches:
        empty = batch.take(np.zeros(len(batch), np.bool_))
        for index in range(len(batch)):
            one = batch.take(np.array([index]))
            known = best.get(key := _digest(one))
            if known is None or one.quality[0] > known.quality[0]:
                best[key] = one
    assert empty is not None, "expected at least one prompt"
    return _concatenate([*best.values()] or [empty])


def _digest(one: Candidates) -> bytes:
    return hashlib.blake2b(np.packbits(one.logits > 0).tobytes(), digest_size=16).digest()


def _concatenate(parts: Sequence[Candidates]) -> Candidates:
    return Candidates(
        np.concatenate([part.logits for part in parts]),
        np.concatenate([part.prompt_index for part in parts]),
        np.concatenate([part.quality for part in parts]),
        np.concatenate([part.stability for part in parts]),
    )
