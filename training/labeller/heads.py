"""The trained part of the labeller: heads that bring image features and sentences into one space.

A vector is three parts side by side. The first is the trained alignment; the second ConSE against the plain
sentence vector; the third is a slot of two numbers in which an image says at which cosine "none of these"
stands for it, and a text says nothing. The cosine of an image and a text is a weighted mean of the first two.
"""

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

FEATURES, HIDDEN, WIDTH, REJECT_HIDDEN = 1280, 1024, 384, 64
HEAD_SHARE = 0.7
"""Weight of the trained cosine; ConSE's has the rest."""
NAMES_SHARE = 0.5
"""Squared length of the parts that texts share; the reject slot has the rest."""


class ImageHead(nn.Module):
    """Trunk features and ConSE vectors to unit vectors.

    Args:
        mean: Of the training features, float32 [1280].
        std: Likewise.
    """

    def __init__(self, mean: Tensor, std: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)
        self.align = nn.Sequential(
            nn.Dropout(0.3), nn.Linear(FEATURES, HIDDEN), nn.GELU(), nn.Dropout(0.3), nn.Linear(HIDDEN, WIDTH)
        )
        self.reject = nn.Sequential(
            nn.Dropout(0.3), nn.Linear(FEATURES, REJECT_HIDDEN), nn.GELU(), nn.Linear(REJECT_HIDDEN, 1)
        )

    def aligned(self, features: Tensor) -> Tensor:
        """The trained part alone: unit vectors [N, 384]."""
        return F.normalize(cast(Tensor, self.align(self._standard(features))), dim=-1)

    def reject_cosine(self, features: Tensor) -> Tensor:
        """Where "none of these" stands among the weighted cosines, [N, 1] in -1..1."""
        return torch.tanh(cast(Tensor, self.reject(self._standard(features))))

    def forward(self, features: Tensor, conse: Tensor) -> Tensor:
        """Unit vectors [N, 770]."""
        cosine = self.reject_cosine(features)
        slot = torch.cat([(1 - cosine**2).clamp(min=0).sqrt(), cosine], 1)
        return _join(self.aligned(features), conse, slot * (1 - NAMES_SHARE) ** 0.5, NAMES_SHARE**0.5)

    def _standard(self, features: Tensor) -> Tensor:
        return (features - self.mean) / self.std


class TextHead(nn.Module):
    """Sentence vectors to unit vectors."""

    def __init__(self) -> None:
        super().__init__()
        self.align = nn.Linear(WIDTH, WIDTH)
        nn.init.eye_(self.align.weight)
        nn.init.zeros_(self.align.bias)

    def aligned(self, sentences: Tensor) -> Tensor:
        """The trained part alone: unit vectors [N, 384]."""
        return F.normalize(cast(Tensor, self.align(sentences)), dim=-1)

    def forward(self, sentences: Tensor) -> Tensor:
        """Unit vectors [N, 770], zero in the reject slot."""
        nothing = torch.zeros_like(sentences[:, :2])
        return _join(self.aligned(sentences), sentences, nothing, 1.0)


def weighted_cosines(image: Tensor, conse: Tensor, text: Tensor, sentences: Tensor) -> Tensor:
    """Cosines [N, L] of the two parts, averaged as the whole vectors do, before the slot takes its share."""
    return HEAD_SHARE * image @ text.T + (1 - HEAD_SHARE) * conse @ sentences.T


def _join(aligned: Tensor, plain: Tensor, slot: Tensor, length: float) -> Tensor:
    parts = [aligned * length * HEAD_SHARE**0.5, plain * length * (1 - HEAD_SHARE) ** 0.5, slot]
    return torch.cat(parts, dim=-1)
