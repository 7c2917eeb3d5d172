"""Encode a vocabulary: its texts, and its examples as a few-shot head, become vectors to compare with."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats
from domain.labels import Vocabulary
from domain.ports.models import DualEncoder
from domain.ports.stores import Cache, TextVectorStore
from services.labels.examples import ExampleVectors
from services.labels.few_shot import FewShotHead, fit_few_shot_head
from services.progress import CancelCheck, ignore

MIN_NORM = 1e-12


def drop_naming_dims(vectors: Floats, count: int) -> Floats:
    """Return unit vectors [N, D - count] of vectors [N, D], without the last `count` components.

    Those components serve labelling only (`DualEncoder.naming_dims`) and would distort image comparison.
    """
    kept = vectors[:, : vectors.shape[1] - count]
    unit: Floats = kept / np.maximum(np.linalg.norm(kept, axis=1, keepdims=True), MIN_NORM)
    return unit


@dataclass(frozen=True)
class LabelVectors:
    """The labels of a vocabulary in the space of an encoder.

    Attributes:
        vectors: float32 [T, D], a unit vector for every text of every label.
        owner: int64 [T], the index of the label of each text, ascending; every label has at least one text.
        head: The few-shot head, if some label has examples.
    """

    vectors: Floats
    owner: NDArray[np.int64]
    head: FewShotHead | None = None

    @property
    def nbytes(self) -> int:
        """Size of all arrays in bytes."""
        return self.vectors.nbytes + self.owner.nbytes + (self.head.nbytes if self.head else 0)

    def similarities(self, image_vectors: Floats) -> Floats:
        """Return the cosine [N, L] of image vectors [N, D] with the best text of each label."""
        cosines = image_vectors @ self.vectors.T
        starts = np.searchsorted(self.owner, np.arange(self.owner[-1] + 1))
        best: Floats = np.maximum.reduceat(cosines, starts, axis=1)
        return best


class VocabularyEncoder:
    """Encodes vocabularies and caches the result by vocabulary and encoder. Threads share it.

    Args:
        cache: Caches whole vocabularies.
        store: Keeps the vectors of single texts on disk; None keeps them nowhere.
        examples: Provides the vectors of examples; None ignores examples.
        few_shot_heads: Caches the heads, which take seconds to fit, apart from the texts; None uses `cache`.
    """

    def __init__(
        self,
        cache: Cache,
        *,
        store: TextVectorStore | None = None,
        examples: ExampleVectors | None = None,
        few_shot_heads: Cache | None = None,
    ) -> None:
        self._cache = cache
        self._store = store
        self._examples = examples
        self._few_shot_heads = cache if few_shot_heads is None else few_shot_heads

    def of(
        self,
        vocabulary: Vocabulary,
        encoder: DualEncoder,
        check: CancelCheck = ignore,
        example_vectors: Mapping[str, Floats] | None = None,
    ) -> LabelVectors:
        """Return the vectors of a vocabulary, computed on first use.

        Args:
            vocabulary: The labels with their texts and examples.
            encoder: Encodes the texts.
            check: Called repeatedly while another thread computes the same vectors; raises to give up.
            example_vectors: Vectors [D] of all examples by sha256; None takes them from the store.

        Raises:
            NotFound: The examples were deleted in the meantime.
            StorageUnavailable: The examples cannot be read now.
        """
        texts_by_label = [label.texts for label in vocabulary.labels]
        texts = [text for each in texts_by_label for text in each]
        owner = [index for index, each in enumerate(texts_by_label) for _ in each]
        examples = [label.examples for label in vocabulary.labels]
        key = _key(encoder.info.sha256, texts, owner, examples)

        def compute() -> LabelVectors:
            known = LabelVectors(self._encode(encoder, texts), np.array(owner, np.int64))
            if self._examples is None or not any(examples):
                return known
            digests = [digest for some in examples for digest in some]
            encode = (
                partial(_select, digests, example_vectors)
                if example_vectors
                else partial(self._examples.of, digests, encoder)
            )
            return replace(known, head=self._cached_head(key, known, examples, encode, encoder, check))

        return self._cache.get_or_compute(key, compute, check)

    def _cached_head(
        self,
        key: str,
        known: LabelVectors,
        examples: Sequence[Sequence[str]],
        encode: Callable[[], Floats],
        encoder: DualEncoder,
        check: CancelCheck,
    ) -> FewShotHead:
        return self._few_shot_heads.get_or_compute(
            ("head", key), lambda: _fit_head(known, encode(), examples, encoder), check
        )

    def _encode(self, encoder: DualEncoder, texts: Sequence[str]) -> Floats:
        """Return unit vectors [T, D], each the mean over the templates (prompt ensembling, CLIP)."""
        templates = encoder.prompting.templates
        mean = np.asarray(
            sum(self._encode_in_template(template, encoder, texts) for template in templates), np.float32
        )
        unit: Floats = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return unit

    def _encode_in_template(self, template: str, encoder: DualEncoder, texts: Sequence[str]) -> Floats:
        """Return unit vectors [T, D] of texts in one template; only those not in the store are encoded."""
        model = encoder.info.sha256
        known = self._store.get_many(model, template, texts) if self._store else {}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            vectors = encoder.encode_texts([template.format(text) for text in missing])
            encoded = dict(zip(missing, vectors, strict=True))
            if self._store:
                self._store.put_many(model, template, encoded)
            known = {**known, **encoded}
        return np.stack([known[text] for text in texts])


def _select(digests: Sequence[str], example_vectors: Mapping[str, Floats]) -> Floats:
    return np.stack([example_vectors[digest] for digest in digests])


def _fit_head(
    known: LabelVectors, example_vectors: Floats, examples: Sequence[Sequence[str]], encoder: DualEncoder
) -> FewShotHead:
    """Fit a head to the vectors [M, D] of the examples of all labels, in the order of the labels."""
    owner = np.repeat(np.arange(len(examples)), [len(some) for some in examples])
    rejects = encoder.reject_similarities(example_vectors)
    cosines: Floats = np.concatenate([known.similarities(example_vectors), rejects[:, None]], axis=1)
    logits = np.asarray(encoder.logit_scale * cosines, np.float32)
    return fit_few_shot_head(logits, drop_naming_dims(example_vectors, encoder.naming_dims), owner)


def _key(model: str, texts: Sequence[str], owner: Sequence[int], examples: Sequence[Sequence[str]]) -> str:
    digest = hashlib.sha256(repr((model, texts, owner, examples)).encode())
    return digest.hexdigest()
