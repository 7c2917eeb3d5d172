"""Sentence vectors of the names to train on, and which names do not exclude each other."""

from collections.abc import Sequence

import torch
from torch import Tensor

from tools.training.labeller.dataset import SYNONYMS
from tools.training.labeller.sentences import Sentences

TEMPLATES = ("a photo of a {}", "a photo of a {}", "{}", "a photo of the {} in the scene")
TOGETHER = (
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
"""Pairs of names of which neither rules out the other."""


class Names:
    """Texts of every name.

    Args:
        names: Distinct.
        sentences: The text tower.

    Attributes:
        together: bool [L, L], whether a region of one name may also be called the other.
    """

    def __init__(self, names: Sequence[str], sentences: Sentences) -> None:
        self.names = list(names)
        texts = [[t.format(v) for v in texts_of(n) for t in TEMPLATES] for n in self.names]
        self._count = torch.tensor([len(variants) for variants in texts])
        self._start = torch.cumsum(self._count, 0) - self._count
        self._vectors = sentences([text for variants in texts for text in variants])
        self.together = torch.tensor([[together(a, b) for b in self.names] for a in self.names])

    def draw(self) -> Tensor:
        """A sentence vector for every name, one of its texts at random: float32 [L, 384]."""
        pick = (torch.rand(len(self.names)) * self._count).long()
        return self._vectors[self._start + pick]


def texts_of(name: str) -> tuple[str, ...]:
    """What a name may be called; what is repeated is drawn more often."""
    return SYNONYMS.get(name, (name,))


def together(a: str, b: str) -> bool:
    """Whether a region of one name may also be called the other: one says more, or the pair is listed."""
    words, others = set(a.split()), set(b.split())
    return words <= others or others <= words or (a, b) in TOGETHER or (b, a) in TOGETHER
