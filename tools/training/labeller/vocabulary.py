"""Maps vocabularies to the labels of the training data, to calibrate and evaluate the labeller on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from services.vocabularies.parse import parse_vocabulary_file
from tools.training.labeller.dataset import RENAMED

TEMPLATE = "a photo of a {}"
"""Prompt of a text."""

CANONICAL = {
    "sofa": "couch", "television": "tv", "monitor": "tv", "phone": "cell phone", "table": "dining table",
    "house": "building", "sign": "stop sign",
}  # fmt: skip
"""Labels of the training data by labels of the default vocabulary, where they differ."""


@dataclass(frozen=True)
class EvaluationVocabulary:
    """Labels, their texts, and the labels of the training data that they stand for.

    Attributes:
        labels: The labels of the vocabulary.
        meanings: The label of the training data of each; two labels may have the same.
        texts: The texts of each, at least one.
    """

    labels: tuple[str, ...]
    meanings: tuple[str, ...]
    texts: tuple[tuple[str, ...], ...]

    @classmethod
    def plain(cls, labels: Sequence[str]) -> "EvaluationVocabulary":
        """Return the vocabulary of labels that each have themselves as their only text."""
        meanings = tuple(RENAMED.get(label, label) for label in labels)
        return cls(tuple(labels), meanings, tuple((label,) for label in labels))

    @classmethod
    def from_file(cls, path: Path) -> "EvaluationVocabulary":
        """Read a vocabulary file of the service."""
        labels = parse_vocabulary_file(path).labels
        meanings = tuple(CANONICAL.get(label.name, label.name) for label in labels)
        return cls(tuple(label.name for label in labels), meanings, tuple(label.texts for label in labels))

    @cached_property
    def prompts(self) -> list[str]:
        """The prompt of every text, label by label."""
        return [TEMPLATE.format(text) for texts in self.texts for text in texts]

    def best_text(self, cosines: Tensor) -> Tensor:
        """Return cosines with labels [N, L], each of its best text, from cosines with prompts [N, T]."""
        sizes = [len(texts) for texts in self.texts]
        return torch.stack([part.amax(1) for part in cosines.split(sizes, dim=1)], 1)

    def hits(self, labels: NDArray[np.str_]) -> Tensor:
        """Return bool [N, L], true where a label of the vocabulary is right for training labels [N]."""
        return torch.tensor(labels[:, None] == np.array(self.meanings))
