"""Decodes prompts in batches on the worker pool and keeps the candidates that pass the thresholds."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from domain.ports import Segmenter, WorkerPool
from domain.types import Candidates, Embedding, Prompt


@dataclass(frozen=True)
class Filter:
    """What a candidate must reach.

    Attributes:
        quality: Least predicted IoU, 0..1.
        stability: Least stability, 0..1.
        area: Least area as a fraction of the image, measured at the decoder's resolution.
        most: Largest area, likewise.
    """

    quality: float = 0.0
    stability: float = 0.0
    area: float = 0.0
    most: float = 1.0

    def apply(self, candidates: Candidates) -> Candidates:
        """The candidates that pass; the cheap tests come first."""
        good = candidates.take(
            (candidates.quality >= self.quality) & (candidates.stability >= self.stability)
        )
        fractions = (good.logits > 0).mean(axis=(1, 2))
        return good.take((fractions >= self.area) & (fractions > 0) & (fractions <= self.most))


@dataclass(frozen=True)
class _Keyed:
    """Candidates with a digest of each mask, so that equal masks are found without comparing pixels."""

    candidates: Candidates
    keys: Sequence[bytes]


def propose(
    segmenter: Segmenter, embedding: Embedding, prompts: Sequence[Prompt], pool: WorkerPool, keep: Filter
) -> Candidates:
    """Candidates of all prompts that pass `keep`, in the order of the prompts.

    Of equal masks the first one of the best quality stays.

    Raises:
        ValueError: There are no prompts.
    """

    def decode(batch: Sequence[Prompt]) -> _Keyed:
        return _without_repeats(keep.apply(segmenter.decode(embedding, batch, keep.quality)))

    return _merge(pool.map(decode, _batches(prompts, segmenter.defaults.prompts_per_batch)))


def _batches(prompts: Sequence[Prompt], size: int) -> Iterator[Sequence[Prompt]]:
    for start in range(0, len(prompts), size):
        yield prompts[start : start + size]


def _without_repeats(candidates: Candidates) -> _Keyed:
    keys = _digests(candidates)
    chosen = _best_of_equals(keys, candidates.quality)
    return _Keyed(candidates.take(np.array(chosen, np.int64)), [keys[index] for index in chosen])


def _digests(candidates: Candidates) -> list[bytes]:
    masks = (candidates.logits > 0).reshape(len(candidates), -1) if len(candidates) else candidates.logits
    return [blake2b(np.packbits(mask).tobytes(), digest_size=16).digest() for mask in masks]


def _best_of_equals(keys: Sequence[bytes], quality: NDArray[np.float32]) -> list[int]:
    """For each distinct key the index of its best candidate, in the order of first appearance."""
    best: dict[bytes, int] = {}
    for index, key in enumerate(keys):
        if key not in best or quality[index] > quality[best[key]]:
            best[key] = index
    return list(best.values())


def _merge(batches: Iterable[_Keyed]) -> Candidates:
    """All batches as one; a mask that an earlier batch had with equal or better quality is not kept."""
    parts: list[Candidates] = []
    keys: list[bytes] = []
    known: dict[bytes, float] = {}
    for batch in batches:
        quality = batch.candidates.quality
        new = [i for i, key in enumerate(batch.keys) if quality[i] > known.get(key, -np.inf)]
        known |= {batch.keys[i]: float(quality[i]) for i in new}
        parts.append(batch.candidates.take(np.array(new, np.int64)))
        keys += [batch.keys[i] for i in new]
    merged = Candidates.concatenate(parts)
    return merged.take(np.array(_best_of_equals(keys, merged.quality), np.int64))
