"""Turn image vectors into probabilities over a vocabulary, and probabilities into a label."""

from dataclasses import dataclass

import numpy as np

from domain.arrays import Floats, softmax
from domain.labels import UNKNOWN_LABEL, LabelPrediction, LabelScore, Vocabulary
from domain.models import View
from domain.ports.models import DualEncoder
from services.labels.encode import ImageVectors
from services.labels.vectors import VocabularyEncoder, drop_naming_dims
from services.progress import CancelCheck, ignore


@dataclass(frozen=True)
class LabelOptions:
    """Options of labelling.

    Attributes:
        vocabulary: The labels to choose from.
        view: The view in which the labeller sees a region; None takes the labeller's default.
        top_k: Number of alternatives to return, at most the size of the vocabulary.
        confidence_threshold: A best label with a lower confidence is replaced by `unknown`.
    """

    vocabulary: Vocabulary
    view: View | None = None
    top_k: int = 1
    confidence_threshold: float = 0.0


UNLABELLED = LabelPrediction(LabelScore(UNKNOWN_LABEL, 0.0), (), 0.0)
"""The prediction for a region when no labeller is available or labels were not requested."""


def label_regions(
    image_vectors: ImageVectors,
    encoder: DualEncoder,
    vocabulary_encoder: VocabularyEncoder,
    options: LabelOptions,
    check: CancelCheck = ignore,
) -> list[LabelPrediction]:
    """Return the prediction for each region, in order; `check` is that of `label_probabilities`."""
    return [
        choose_label(row, options)
        for row in label_probabilities(image_vectors, encoder, vocabulary_encoder, options.vocabulary, check)
    ]


def label_probabilities(
    image_vectors: ImageVectors,
    encoder: DualEncoder,
    vocabulary_encoder: VocabularyEncoder,
    vocabulary: Vocabulary,
    check: CancelCheck = ignore,
) -> Floats:
    """Return the probabilities float32 [N, L + 1] of the L labels and, last, of the reject class.

    While another thread encodes the vocabulary, `check` is called repeatedly; it raises to give up.
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
    """Return the softmax [N, L + 1] of cosines [N, L] and, as the last class, the reject cosines [N]."""
    return softmax(logit_scale * np.concatenate([similarities, reject_similarities[:, None]], axis=1))


def choose_label(probabilities: Floats, options: LabelOptions) -> LabelPrediction:
    """Choose the best label by probabilities [L + 1], of which the last is that of the reject class.

    The choice is `unknown` where the reject class wins or the best label is below the threshold.
    """
    labels, reject = options.vocabulary.labels, float(probabilities[-1])
    order = np.argsort(-probabilities[:-1], kind="stable")[: options.top_k]
    best = tuple(
        LabelScore(labels[index].name, float(probabilities[index]), labels[index].read_as) for index in order
    )
    accepted = best[0].confidence > reject and best[0].confidence >= options.confidence_threshold
    return LabelPrediction(best[0] if accepted else LabelScore(UNKNOWN_LABEL, reject), best, reject)
