"""Lists what phrases compete with besides the names of a vocabulary: stuff that is in most photographs."""

from dataclasses import replace

import numpy as np

from domain.arrays import Floats, Mask
from domain.labels import MAX_LABELS, Label, Vocabulary, label_key
from services.labels.vectors import MIN_NORM, LabelVectors, drop_naming_dims

STUFF_RIVALS = tuple(
    Label(name)
    for name in (
        "wall", "floor", "ceiling", "sky", "cloud", "grass", "bush", "mountain", "rock", "sand", "snow",
        "sea", "dirt", "road", "pavement",
    )
)  # fmt: skip
"""Names of stuff. Longer lists, also of everyday things, made the answers worse."""

SYNONYM_COSINE = 0.7
"""Cosine of two texts, less the mean of all names, from which on they mean the same: 0.80 for a couch and a
sofa, 0.46 for a car and a truck."""


def rivals_of(others: Vocabulary) -> Vocabulary:
    """Return the names that phrases compete with: those of a vocabulary by their words alone, and stuff."""
    known = {label_key(word) for label in others.labels for word in (label.name, label.texts[0])}
    added = [label for label in STUFF_RIVALS if label_key(label.name) not in known]
    labels = [*(replace(label, examples=()) for label in others.labels), *added]
    return Vocabulary("rivals", tuple(labels[:MAX_LABELS]))


def synonyms(
    phrase: Label, phrase_vectors: LabelVectors, rivals: Vocabulary, known: LabelVectors, naming_dims: int
) -> Mask:
    """Return bool [L], true where a rival means the same as the phrase, by its words or by its vectors.

    Args:
        phrase: The phrase.
        phrase_vectors: Its vectors.
        rivals: L names.
        known: Their vectors.
        naming_dims: Trailing components of the vectors that do not take part (`DualEncoder.naming_dims`).
    """
    words = {label_key(text) for text in (phrase.name, *phrase.texts)}
    equal = [not words.isdisjoint(map(label_key, (label.name, *label.texts))) for label in rivals.labels]
    plain = drop_naming_dims(known.vectors, naming_dims)
    mean = plain.mean(axis=0)
    cosines = _unit(drop_naming_dims(phrase_vectors.vectors, naming_dims) - mean) @ _unit(plain - mean).T
    close = np.zeros(len(rivals.labels), np.float32)
    np.maximum.at(close, known.owner, cosines.max(axis=0))
    found: Mask = np.array(equal) | (close >= SYNONYM_COSINE)
    return found


def _unit(vectors: Floats) -> Floats:
    unit: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), MIN_NORM)
    return unit
