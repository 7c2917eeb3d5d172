"""Holds sentence vectors of the labels to train on, and says which labels do not exclude each other."""

from collections.abc import Sequence

import torch
from torch import Tensor

from tools.training.labeller.dataset import SYNONYMS
from tools.training.labeller.sentences import Sentences

TEMPLATES = ("a photo of a {}", "a photo of a {}", "{}", "a photo of the {} in the scene")
"""Prompts of a text; one that stands here twice is drawn twice as often."""

COMPATIBLE = (
    ("pavement", "road"),
    ("wildcat", "cat"),
    ("cartoon cat", "cat"),
    ("cartoon dog", "dog"),
    ("cougar", "cat"),
    ("leopards", "cat"),
    ("cup", "wine glass"),
    ("snow", "skis"),
    ("car", "truck"),
    ("chandelier", "lamp"),
    ("minaret", "building"),
    ("pagoda", "building"),
    ("emu", "bird"),
    ("ibis", "bird"),
    ("flamingo", "bird"),
    ("rooster", "bird"),
    ("wheelchair", "chair"),
    ("bonsai", "tree"),
    ("bonsai", "potted plant"),
    ("sunflower", "potted plant"),
)
"""Pairs of labels that do not exclude each other."""


class LabelTexts:
    """The sentence vectors of all texts of some labels.

    Args:
        labels: Distinct labels.
        sentences: Encodes the texts.

    Attributes:
        labels: The labels.
        compatible: bool [L, L], true where a region of one label may also get the other.
    """

    def __init__(self, labels: Sequence[str], sentences: Sentences) -> None:
        self.labels = list(labels)
        texts = [[t.format(v) for v in texts_of(label) for t in TEMPLATES] for label in self.labels]
        self._count = torch.tensor([len(variants) for variants in texts])
        self._start = torch.cumsum(self._count, 0) - self._count
        self._vectors = sentences([text for variants in texts for text in variants])
        self.compatible = torch.tensor([[compatible(a, b) for b in self.labels] for a in self.labels])

    def draw(self) -> Tensor:
        """Return the sentence vector of a random text of every label, float32 [L, 384]."""
        pick = (torch.rand(len(self.labels)) * self._count).long()
        return self._vectors[self._start + pick]


def texts_of(label: str) -> tuple[str, ...]:
    """Return the texts of a label; one that is repeated is drawn more often."""
    return SYNONYMS.get(label, (label,))


def compatible(a: str, b: str) -> bool:
    """Return whether a region of one label may also get the other.

    It may if the words of one are among those of the other, or if COMPATIBLE has the pair.
    """
    words, others = set(a.split()), set(b.split())
    return words <= others or others <= words or (a, b) in COMPATIBLE or (b, a) in COMPATIBLE
