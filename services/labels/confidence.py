"""What a caller may ask of a segmentation, checked and complete."""

from dataclasses import dataclass

import numpy as np

from domain.arrays import Floats
from domain.labels import UNKNOWN, LabelScore, Naming, Vocabulary
from domain.models import View
from domain.ports.models import DualEncoder
from services.labels.encode import Looks
from services.labels.vectors import TextVectors, without_own_axes
from services.progress import Check, go_on


@dataclass(frozen=True)
class NamingOptions:
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


NAMELESS = Naming(LabelScore(UNKNOWN, 0.0), (), 0.0)
"""What a region is called when no labeller works."""


def name(
    looks: Looks, encoder: DualEncoder, texts: TextVectors, options: NamingOptions, check: Check = go_on
) -> list[Naming]:
    """What each region is called, in order; `check` as of `shares`."""
    return [choose(row, options) for row in shares(looks, encoder, texts, options.vocabulary, check)]


def shares(
    looks: Looks, encoder: DualEncoder, texts: TextVectors, vocabulary: Vocabulary, check: Check = go_on
) -> Floats:
    """Probabilities [N, L + 1] of the names for each region; that of the reject class stands last.

    While another thread encodes the vocabulary, `check` is asked, which raises to give up.
    """
    if not len(looks.vectors):
        return np.zeros((0, len(vocabulary.labels) + 1), np.float32)
    known = texts.of(vocabulary, encoder, check)
    similarities = known.similarities(looks.vectors)
    if known.head is not None:
        seen = without_own_axes(looks.vectors, encoder.own_axes)
        similarities += known.head.extra(seen, len(vocabulary.labels)) / encoder.logit_scale
    return probabilities(similarities, looks.rejects, encoder.logit_scale)


def probabilities(similarities: Floats, rejects: Floats, logit_scale: float) -> Floats:
    """Probabilities [N, L + 1] of cosines [N, L] and reject cosines [N], which stand last."""
    logits = logit_scale * np.concatenate([similarities, rejects[:, None]], axis=1)
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    found: Floats = exponents / exponents.sum(axis=1, keepdims=True)
    return found


def choose(row: Floats, options: NamingOptions) -> Naming:
    """The best name of probabilities [L + 1], or `unknown` where the reject class wins or all are too low."""
    names, reject = options.vocabulary.names, float(row[-1])
    order = np.argsort(-row[:-1], kind="stable")[: options.top_k]
    best = tuple(LabelScore(names[index], float(row[index])) for index in order)
    sure = best[0].confidence > reject and best[0].confidence >= options.confidence_threshold
    return Naming(best[0] if sure else LabelScore(UNKNOWN, reject), best, reject)
