"""Defines the trained heads of the labeller, which bring image features and sentences into one space.

A vector has three parts side by side. The first is the trained alignment. The second is ConSE for an image,
the plain sentence vector for a text. The third has two numbers, for the cosine of the reject class of an
image and for the bonus of a text, see `ServedText`. The cosine of an image and a text is a weighted mean of
those of their first two parts.
"""

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

FEATURES, HIDDEN, NECK, WIDTH, REJECT_HIDDEN = 1280, 768, 128, 384, 64
"""Numbers of channels of the features, the hidden layers and the vectors."""

ALIGNED_WEIGHT = 0.7
"""Weight of the trained cosine; that of ConSE has the rest."""

NOVELTY_BONUS = 0.1
"""Bonus of a text that is orthogonal to every known one, in weighted cosine."""

LABELS_WEIGHT = 0.5
"""Squared length of the first two parts of an image's vector; the third part has the rest."""


class ImageHead(nn.Module):
    """Computes unit vectors from the features of a crop and of its image, and the ConSE vector of the crop.

    Features of the image that are all zero mean that the image is not known; the crop alone then decides.

    Args:
        crops: Mean and standard deviation of the features of crops, float32 [1280] each.
        scenes: Mean and standard deviation of the features of whole images, float32 [1280] each.
    """

    mean: Tensor
    std: Tensor
    scene_mean: Tensor
    scene_std: Tensor

    def __init__(self, crops: tuple[Tensor, Tensor], scenes: tuple[Tensor, Tensor]) -> None:
        super().__init__()
        for name, tensor in zip(("mean", "std", "scene_mean", "scene_std"), (*crops, *scenes), strict=True):
            self.register_buffer(name, tensor)
        self.crop = nn.Linear(FEATURES, HIDDEN)
        self.scene = nn.Sequential(
            nn.Dropout(0.3), nn.Linear(FEATURES, NECK), nn.Linear(NECK, HIDDEN, bias=False)
        )
        self.align = nn.Sequential(nn.GELU(), nn.Dropout(0.3), nn.Linear(HIDDEN, WIDTH))
        self.reject = nn.Sequential(
            nn.Dropout(0.3), nn.Linear(FEATURES, REJECT_HIDDEN), nn.GELU(), nn.Linear(REJECT_HIDDEN, 1)
        )

    @property
    def reject_bias(self) -> Tensor:
        """Bias of the last layer of the reject part, float32 [1]."""
        return cast(Tensor, cast(nn.Linear, self.reject[-1]).bias)

    def aligned(self, features: Tensor, scene: Tensor) -> Tensor:
        """Return the trained part alone, unit vectors [N, 384]."""
        known = (scene.amax(1, keepdim=True) > 0).to(scene.dtype)
        context = cast(Tensor, self.scene((scene - self.scene_mean) / self.scene_std))
        crop = cast(Tensor, self.crop(F.dropout(self._standard(features), 0.3, self.training)))
        return F.normalize(cast(Tensor, self.align(crop + known * context)), dim=-1)

    def reject_cosine(self, features: Tensor) -> Tensor:
        """Return the cosine of the reject class, [N, 1] in -1..1, comparable with weighted cosines."""
        return torch.tanh(cast(Tensor, self.reject(self._standard(features))))

    def forward(self, features: Tensor, conse: Tensor, scene: Tensor) -> Tensor:
        """Return unit vectors [N, 770] of features [N, 1280], ConSE vectors [N, 384] and scenes [N, 1280]."""
        cosine = self.reject_cosine(features)
        slot = torch.cat([(1 - cosine**2).clamp(min=0).sqrt(), cosine], 1)
        aligned = self.aligned(features, scene)
        return _join(aligned, conse, slot * (1 - LABELS_WEIGHT) ** 0.5, LABELS_WEIGHT**0.5)

    def _standard(self, features: Tensor) -> Tensor:
        return (features - self.mean) / self.std


class TextHead(nn.Module):
    """Computes the trained part of the vector of a text from its sentence vector."""

    def __init__(self) -> None:
        super().__init__()
        self.align = nn.Linear(WIDTH, WIDTH)
        nn.init.eye_(self.align.weight)
        nn.init.zeros_(self.align.bias)

    def aligned(self, sentences: Tensor) -> Tensor:
        """Return unit vectors [N, 384] of sentence vectors [N, 384]."""
        return F.normalize(cast(Tensor, self.align(sentences)), dim=-1)


class ServedText(nn.Module):
    """Computes the vectors of texts as they are served, with a bonus for labels that it was not trained on.

    Args:
        head: The trained head.
        known: Unit sentence vectors [K, 384] of the labels that it was trained on.
    """

    def __init__(self, head: TextHead, known: Tensor) -> None:
        super().__init__()
        self.head = head
        self.known = nn.Parameter(known)

    def forward(self, sentences: Tensor) -> Tensor:
        """Return unit vectors [N, 770] of sentence vectors [N, 384].

        The bonus is the first number of the third part, which is large in every image.
        """
        extra = bonus(sentences, self.known)
        slot = torch.cat([extra, torch.zeros_like(extra)], 1)
        return _join(self.head.aligned(sentences), sentences, slot, (1 - extra**2).sqrt())


def bonus(sentences: Tensor, known: Tensor) -> Tensor:
    """Return what is added to the weighted cosines of texts that are far from all known ones, [N, 1].

    Images of unknown things are drawn to the labels of training; the bonus compensates for that (calibrated
    stacking, Chao et al., 2016).
    """
    return NOVELTY_BONUS * (1 - (sentences @ known.T).amax(1, keepdim=True)).clamp(min=0)


def weighted_cosines(image: Tensor, conse: Tensor, text: Tensor, sentences: Tensor) -> Tensor:
    """Return the weighted mean [N, L] of the cosines of the first two parts.

    Args:
        image: Aligned vectors of images [N, 384].
        conse: ConSE vectors [N, 384].
        text: Aligned vectors of texts [L, 384].
        sentences: Sentence vectors [L, 384].
    """
    return ALIGNED_WEIGHT * image @ text.T + (1 - ALIGNED_WEIGHT) * conse @ sentences.T


def _join(aligned: Tensor, plain: Tensor, slot: Tensor, length: Tensor | float) -> Tensor:
    parts = [aligned * length * ALIGNED_WEIGHT**0.5, plain * length * (1 - ALIGNED_WEIGHT) ** 0.5, slot]
    return torch.cat(parts, dim=-1)
