"""The vocabularies that the labeller is calibrated and judged on, in the names of the training data."""

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
CANONICAL = {
    "sofa": "couch", "television": "tv", "monitor": "tv", "phone": "cell phone", "table": "dining table",
    "house": "building", "sign": "stop sign",
}  # fmt: skip
"""Training names of labels that go by another name in the default vocabulary."""


@dataclass(frozen=True)
class JudgedVocabulary:
    """Labels, their texts and what they mean in the training data.

    Attributes:
        labels: As answers say them.
        meanings: The training name of each; two labels may share one.
        texts: Of every label, at least one.
    """

    labels: tuple[str, ...]
    meanings: tuple[str, ...]
    texts: tuple[tuple[str, ...], ...]

    @classmethod
    def plain(cls, names: Sequence[str]) -> "JudgedVocabulary":
        """Names that mean themselves."""
        meanings = tuple(RENAMED.get(name, name) for name in names)
        return cls(tuple(names), meanings, tuple((name,) for name in names))

    @classmethod
    def from_file(cls, path: Path) -> "JudgedVocabulary":
        """A vocabulary file of the service."""
        labels = parse_vocabulary_file(path).labels
        meanings = tuple(CANONICAL.get(label.name, label.name) for label in labels)
        return cls(tuple(label.name for label in labels), meanings, tuple(label.texts for label in labels))

    @cached_property
    def prompts(self) -> list[str]:
        """Every text in the template."""
        return [TEMPLATE.format(text) for texts in self.texts for text in texts]

    def best_text(self, cosines: Tensor) -> Tensor:
        """Cosines with labels [N, L], each that of its best text, from those with prompts [N, T]."""
        sizes = [len(texts) for texts in self.texts]
        return torch.stack([part.amax(1) for part in cosines.split(sizes, dim=1)], 1)

    def hits(self, names: NDArray[np.str_]) -> Tensor:
        """Whether each label is right for an example of that name: bool [N, L]."""
        return torch.tensor(names[:, None] == np.array(self.meanings))
