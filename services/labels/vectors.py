"""Vectors without the numbers that are for naming only (`DualEncoder.own_axes`)."""

import hashlib
from collections.abc import Mapping, Sequence
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
from services.progress import CancelCheck, ignore_check


def drop_naming_dims(vectors: Floats, count: int) -> Floats:
    """Unit vectors [N, D - count] of [N, D] whose last `count` numbers say nothing of what is shown."""
    kept = vectors[:, : vectors.shape[1] - count]
    unit: Floats = kept / np.maximum(np.linalg.norm(kept, axis=1, keepdims=True), 1e-12)
    return unit


@dataclass(frozen=True)
class LabelVectors:
    """What stands for the labels of a vocabulary in the encoder's space.

    Attributes:
        vectors: float32 [T, D], a unit vector for every text of every label.
        owner: int64 [T], the label each text belongs to, ascending; every label has at least one.
        head: What examples add, where some label has any.
    """

    vectors: Floats
    owner: NDArray[np.int64]
    head: FewShotHead | None = None

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return self.vectors.nbytes + self.owner.nbytes + (self.head.nbytes if self.head else 0)

    def similarities(self, images: Floats) -> Floats:
        """Cosine of each image [N, D] with each label [N, L]: that of the label's best text."""
        cosines = images @ self.vectors.T
        starts = np.searchsorted(self.owner, np.arange(self.owner[-1] + 1))
        best: Floats = np.maximum.reduceat(cosines, starts, axis=1)
        return best


class VocabularyEncoder:
    """Label vectors by vocabulary and encoder.

    Args:
        cache: Where whole vocabularies are kept.
        store: Where single texts are kept beyond the life of the process; None: nowhere.
        examples: Gives the vectors of examples; None where vocabularies have none.
        few_shot_heads: Cache of the heads, which take seconds to fit, apart from the texts. None: in
            `cache`.
    """

    def __init__(
        self,
        cache: Cache,
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
        check: CancelCheck = ignore_check,
        example_vectors: Mapping[str, Floats] | None = None,
    ) -> LabelVectors:
        """The vectors, computed on first use.

        Args:
            vocabulary: Labels with their texts and examples.
            encoder: Reads the texts.
            check: Asked while another thread computes the same; raises to give up.
            example_vectors: Vectors [D] of all examples by sha256; None: they are computed when needed.

        Raises:
            NotFound: The examples were deleted meanwhile.
            StorageUnavailable: They cannot be read now.
        """
        own = encoder.prompting.multilingual
        read = [label.untranslated_texts if own else label.texts for label in vocabulary.labels]
        texts = [text for each in read for text in each]
        owner = [index for index, each in enumerate(read) for _ in each]
        examples = [label.examples for label in vocabulary.labels]
        key = _key(encoder.info.sha256, texts, owner, examples)

        def compute() -> LabelVectors:
            known = LabelVectors(self._encode(encoder, texts), np.array(owner, np.int64))
            if self._examples is None or not any(examples):
                return known
            digests = [digest for some in examples for digest in some]
            encode = (
                partial(_chosen, digests, example_vectors)
                if example_vectors
                else partial(self._examples.of, digests, encoder)
            )
            head = self._few_shot_heads.get_or_compute(
                ("head", key), lambda: _fit_head(known, encode(), examples, encoder), check
            )
            return replace(known, head=head)

        return self._cache.get_or_compute(key, compute, check)

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


def _chosen(digests: Sequence[str], example_vectors: Mapping[str, Floats]) -> Floats:
    return np.stack([example_vectors[digest] for digest in digests])


def _fit_head(
    known: LabelVectors, shown: Floats, examples: Sequence[Sequence[str]], encoder: DualEncoder
) -> FewShotHead:
    """The head fitted to what is seen in the examples of each label, [M, D]."""
    owner = np.repeat(np.arange(len(examples)), [len(some) for some in examples])
    reject_similarities = encoder.reject_similarities(shown)
    cosines: Floats = np.concatenate([known.similarities(shown), reject_similarities[:, None]], axis=1)
    logits = np.asarray(encoder.logit_scale * cosines, np.float32)
    return fit_few_shot_head(logits, drop_naming_dims(shown, encoder.naming_dims), owner)


def _key(model: str, texts: Sequence[str], owner: Sequence[int], examples: Sequence[Sequence[str]]) -> str:
    digest = hashlib.sha256(repr((model, texts, owner, examples)).encode())
    return digest.hexdigest()
