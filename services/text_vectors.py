"""Encodes a vocabulary once and keeps the vectors: in memory, and on disk for the next process."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.ports import Cache, DualEncoder, VectorStore
from domain.types import Floats, Vocabulary


@dataclass(frozen=True)
class LabelVectors:
    """What stands for the labels of a vocabulary in the encoder's space.

    Attributes:
        vectors: float32 [T, D], a unit vector for every text of every label.
        owner: int64 [T], the label each text belongs to, ascending; every label has at least one.
    """

    vectors: Floats
    owner: NDArray[np.int64]

    @property
    def nbytes(self) -> int:
        """Bytes of both arrays."""
        return self.vectors.nbytes + self.owner.nbytes

    def similarities(self, images: Floats) -> Floats:
        """Cosine of each image [N, D] with each label [N, L]: that of the label's best text."""
        cosines = images @ self.vectors.T
        starts = np.searchsorted(self.owner, np.arange(self.owner[-1] + 1))
        best: Floats = np.maximum.reduceat(cosines, starts, axis=1)
        return best


class TextVectors:
    """Label vectors by vocabulary and encoder.

    Args:
        cache: Where whole vocabularies are kept.
        store: Where single texts are kept beyond the life of the process; None: nowhere.
    """

    def __init__(self, cache: Cache, store: VectorStore | None = None) -> None:
        self._cache = cache
        self._store = store

    def of(self, vocabulary: Vocabulary, encoder: DualEncoder) -> LabelVectors:
        """The vectors, computed on first use."""
        texts = [text for label in vocabulary.labels for text in label.texts]
        owner = [index for index, label in enumerate(vocabulary.labels) for _ in label.texts]
        key = _key(encoder.info.sha256, texts, owner)
        return self._cache.get_or_compute(
            key, lambda: LabelVectors(self._encode(encoder, texts), np.array(owner, np.int64))
        )

    def _encode(self, encoder: DualEncoder, texts: Sequence[str]) -> Floats:
        """Unit vectors [T, D]: of each text the mean over the templates (prompt ensembling, CLIP)."""
        templates = encoder.prompting.templates
        mean = np.asarray(sum(self._under(template, encoder, texts) for template in templates), np.float32)
        unit: Floats = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return unit

    def _under(self, template: str, encoder: DualEncoder, texts: Sequence[str]) -> Floats:
        """Unit vectors [T, D] of the texts in one template; only those that are not on disk are encoded."""
        model = encoder.info.sha256
        known = self._store.get_many(model, template, texts) if self._store else {}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            vectors = encoder.encode_texts([template.format(text) for text in missing])
            fresh = dict(zip(missing, vectors, strict=True))
            if self._store:
                self._store.put_many(model, template, fresh)
            known = {**known, **fresh}
        return np.stack([known[text] for text in texts])


def _key(model: str, texts: Sequence[str], owner: Sequence[int]) -> str:
    digest = hashlib.sha256(repr((model, texts, owner)).encode())
    return digest.hexdigest()
