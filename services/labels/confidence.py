"""What a caller may ask of a segmentation, checked and complete."""

from dataclasses import dataclass

import numpy as np

from domain.arrays import Floats
from domain.labels import UNKNOWN_LABEL, LabelPrediction, LabelScore, Vocabulary
from domain.models import View
from domain.ports.models import DualEncoder
from services.labels.encode import ImageVectors
from services.labels.vectors import VocabularyEncoder, drop_naming_dims
from services.progress import CancelCheck, ignore_check


@dataclass(frozen=True)
class LabelOptions:
    """How regions are named.

    Attributes:
        vocabulary: The names.
        view: How a region is shown to the labeller; None: the labeller's own choice.
        top_k: How many alternatives, at most the size of the vocabulary.
        confidence_threshold: A best name below it becomes `unknown`.
    """

    vocabulary: Vocabulary
    view: View | None = None
    top_k: int = 1
    confidence_threshold: float = 0.0


UNLABELLED = LabelPrediction(LabelScore(UNKNOWN_LABEL, 0.0), (), 0.0)
"""What a region is called when no labeller works."""


def label_regions(
    image_vectors: ImageVectors,
    encoder: DualEncoder,
    vocabulary_encoder: VocabularyEncoder,
    options: LabelOptions,
    check: CancelCheck = ignore_check,
) -> list[LabelPrediction]:
    """What each region is called, in order; `check` as of `shares`."""
    return [
        choose_label(row, options)
        for row in label_probabilities(image_vectors, encoder, vocabulary_encoder, options.vocabulary, check)
    ]


def label_probabilities(
    image_vectors: ImageVectors,
    encoder: DualEncoder,
    vocabulary_encoder: VocabularyEncoder,
    vocabulary: Vocabulary,
    check: CancelCheck = ignore_check,
) -> Floats:
    """Probabilities [N, L + 1] of the names for each region; that of the reject class stands last.

    While another thread encodes the vocabulary, `check` is asked, which raises to give up.
    """
    if not len(image_vectors.vectors):
        return np.zeros((0, len(vocabulary.labels) + 1), np.float32)
    known = vocabulary_encoder.of(vocabulary, encoder, check)
    similarities = known.similarities(image_vectors.vectors)
    if known.head is not None:
        vectors = drop_naming_dims(image_vectors.vectors, encoder.naming_dims)
        similarities += known.head.added_logits(vectors, len(vocabulary.labels)) / encoder.logit_scale
    return softmax_with_reject(similarities, image_vectors.reject_similarities, encoder.logit_scale)


def softmax_with_reject(similarities: Floats, reject_similarities: Floats, logit_scale: float) -> Floats:
    """Probabilities [N, L + 1] of cosines [N, L] and reject cosines [N], which stand last."""
    logits = logit_scale * np.concatenate([similarities, reject_similarities[:, None]], axis=1)
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    found: Floats = exponents / exponents.sum(axis=1, keepdims=True)
    return found


def choose_label(row: Floats, options: LabelOptions) -> LabelPrediction:
    """The best name of probabilities [L + 1], or `unknown` where the reject class wins or all are too low."""
    names, reject = options.vocabulary.names, float(row[-1])
    order = np.argsort(-row[:-1], kind="stable")[: options.top_k]
    best = tuple(LabelScore(names[index], float(row[index])) for index in order)
    sure = best[0].confidence > reject and best[0].confidence >= options.confidence_threshold
    return LabelPrediction(best[0] if sure else LabelScore(UNKNOWN_LABEL, reject), best, reject)
