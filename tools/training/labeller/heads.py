"""The trained part of the labeller: heads that bring image features and sentences into one space.

A vector is three parts side by side. The first is the trained alignment; the second ConSE against the plain
sentence vector; the third is a slot of two numbers in which an image says at which cosine "none of these"
stands for it; a text uses the first for its bonus, see `ServedText`. The cosine of an image and a text is a
weighted mean of the first two.
"""

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

FEATURES, HIDDEN, NECK, WIDTH, REJECT_HIDDEN = 1280, 768, 128, 384, 64
HEAD_SHARE = 0.7
"""Weight of the trained cosine; ConSE's has the rest."""
NOVELTY_BONUS = 0.1
"""Of a text at right angles to every known one, in weighted cosine."""
NAMES_SHARE = 0.5
"""Squared length of the parts that texts share; the reject slot has the rest."""


class ImageHead(nn.Module):
    """Trunk features of a crop and of its whole photograph, and the crop's ConSE vector, to unit vectors.

    A photograph whose features are all zero is one that nobody showed: the crop then speaks for itself.

    Args:
        crops: Mean and deviation of the crops' features, each float32 [1280].
        scenes: Likewise of whole photographs.
    """

    def __init__(self, crops: tuple[Tensor, Tensor], scenes: tuple[Tensor, Tensor]) -> None:
        super().__init__()
        for name, tensor in zip(("mean", "std", "scene_mean", "scene_std"), (*crops, *scenes), strict=True):
            self.register_buffer(name, tensor)
        self.look = nn.Linear(FEATURES, HIDDEN)
        self.place = nn.Sequential(
            nn.Dropout(0.3), nn.Linear(FEATURES, NECK), nn.Linear(NECK, HIDDEN, bias=False)
        )
        self.align = nn.Sequential(nn.GELU(), nn.Dropout(0.3), nn.Linear(HIDDEN, WIDTH))
        self.reject = nn.Sequential(
            nn.Dropout(0.3), nn.Linear(FEATURES, REJECT_HIDDEN), nn.GELU(), nn.Linear(REJECT_HIDDEN, 1)
        )

    def aligned(self, features: Tensor, scene: Tensor) -> Tensor:
        """The trained part alone: unit vectors [N, 384]."""
        shown = (scene.amax(1, keepdim=True) > 0).to(scene.dtype)
        place = cast(Tensor, self.place((scene - self.scene_mean) / self.scene_std))
        look = cast(Tensor, self.look(F.dropout(self._standard(features), 0.3, self.training)))
        return F.normalize(cast(Tensor, self.align(look + shown * place)), dim=-1)

    def reject_cosine(self, features: Tensor) -> Tensor:
        """Where "none of these" stands among the weighted cosines, [N, 1] in -1..1."""
        return torch.tanh(cast(Tensor, self.reject(self._standard(features))))

    def forward(self, features: Tensor, conse: Tensor, scene: Tensor) -> Tensor:
        """Unit vectors [N, 770]."""
        cosine = self.reject_cosine(features)
        slot = torch.cat([(1 - cosine**2).clamp(min=0).sqrt(), cosine], 1)
        aligned = self.aligned(features, scene)
        return _join(aligned, conse, slot * (1 - NAMES_SHARE) ** 0.5, NAMES_SHARE**0.5)

    def _standard(self, features: Tensor) -> Tensor:
        return (features - self.mean) / self.std


class TextHead(nn.Module):
    """Sentence vectors to the trained part of a text's vector."""

    def __init__(self) -> None:
        super().__init__()
        self.align = nn.Linear(WIDTH, WIDTH)
        nn.init.eye_(self.align.weight)
        nn.init.zeros_(self.align.bias)

    def aligned(self, sentences: Tensor) -> Tensor:
        """The trained part alone: unit vectors [N, 384]."""
        return F.normalize(cast(Tensor, self.align(sentences)), dim=-1)


class ServedText(nn.Module):
    """The text head as it is served, fair to names it was not trained on.

    Args:
        head: Trained.
        known: Unit sentence vectors [K, 384] of the names it was trained on.
    """

    def __init__(self, head: TextHead, known: Tensor) -> None:
        super().__init__()
        self.head = head
        self.known = nn.Parameter(known)

    def forward(self, sentences: Tensor) -> Tensor:
        """Unit vectors [N, 770]; the first number of the slot, large in every image, holds the bonus."""
        extra = bonus(sentences, self.known)
        slot = torch.cat([extra, torch.zeros_like(extra)], 1)
        return _join(self.head.aligned(sentences), sentences, slot, (1 - extra**2).sqrt())


def bonus(sentences: Tensor, known: Tensor) -> Tensor:
    """What is added to the weighted cosines of texts that are far from all known ones, [N, 1].

    Images of things never seen in training lean towards the names of training; this makes up for it
    (calibrated stacking, Chao et al. 2016).
    """
    return NOVELTY_BONUS * (1 - (sentences @ known.T).amax(1, keepdim=True)).clamp(min=0)


def weighted_cosines(image: Tensor, conse: Tensor, text: Tensor, sentences: Tensor) -> Tensor:
    """Cosines [N, L] of the two parts, averaged as the whole vectors do, before the slot takes its share."""
    return HEAD_SHARE * image @ text.T + (1 - HEAD_SHARE) * conse @ sentences.T


def _join(aligned: Tensor, plain: Tensor, slot: Tensor, length: Tensor | float) -> Tensor:
    parts = [aligned * length * HEAD_SHARE**0.5, plain * length * (1 - HEAD_SHARE) ** 0.5, slot]
    return torch.cat(parts, dim=-1)
