"""Fits the alignment: softmax over names, contrast of captions, distillation of the ImageNet names."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from training.labeller.heads import ImageHead, TextHead
from training.labeller.names import Names

STEPS, BATCH, RATE, DECAY, WARM_UP = 1_500, 256, 1e-3, 0.05, 50
SMOOTHING = 0.1
CAPTION_BATCH, CAPTION_SCALE, CAPTION_WEIGHT = 96, 15.0, 0.3
DISTIL_WEIGHT = 0.2
FIRST_LOG_SCALE = 3.0


@dataclass(frozen=True)
class Material:
    """What the alignment is fitted to.

    Attributes:
        features: float32 [N, 1280].
        target: int64 [N], index into `names`.
        weight: float32 [N], how often each is drawn.
        names: The names.
        photo_features: float32 [P, 1280], of captioned photographs.
        captions: float32 [P, C, 384], sentence vectors of their captions.
        imagenet: float32 [1000, 384], sentence vectors of the ImageNet names.
        classifier: ImageNet weight [1000, 1280] and bias [1000] of the trunk.
    """

    features: Tensor
    target: Tensor
    weight: Tensor
    names: Names
    photo_features: Tensor
    captions: Tensor
    imagenet: Tensor
    classifier: tuple[Tensor, Tensor]


def fit(material: Material) -> tuple[ImageHead, TextHead]:
    """Both heads, their reject part still untrained."""
    image = ImageHead(material.features.mean(0), material.features.std(0) + 1e-3)
    text = TextHead()
    log_scale = torch.nn.Parameter(torch.tensor(FIRST_LOG_SCALE))
    optimiser = torch.optim.AdamW(
        [*image.align.parameters(), *text.parameters(), log_scale], lr=RATE, weight_decay=DECAY
    )
    for step in range(STEPS):
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(1, (step + 1) / WARM_UP) * (1 - step / STEPS)
        loss = _loss(material, image, text, log_scale.exp())
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    print(f"alignment: last loss {loss.item():.3f}")
    return image.eval(), text.eval()


def _loss(material: Material, image: ImageHead, text: TextHead, scale: Tensor) -> Tensor:
    rows = torch.multinomial(material.weight, BATCH, replacement=True)
    features, target = material.features[rows], material.target[rows]
    vectors = image.aligned(features)
    logits = scale * vectors @ text.aligned(material.names.draw()).T
    imagenet = scale * vectors @ text.aligned(material.imagenet).T
    named = _naming(logits, target, material.names.together)
    distilled = _distillation(features, imagenet, material.classifier)
    return named + CAPTION_WEIGHT * _caption(material, image, text) + DISTIL_WEIGHT * distilled


def _naming(logits: Tensor, target: Tensor, together: Tensor) -> Tensor:
    """Smoothed cross-entropy in which names that do not exclude the target neither win nor lose."""
    excused = together[target] & (torch.arange(logits.shape[1]) != target[:, None])
    shares = logits.masked_fill(excused, -1e4).log_softmax(1)
    hit = shares.gather(1, target[:, None]).mean()
    spread = (shares.masked_fill(excused, 0).sum(1) / (~excused).sum(1)).mean()
    return -(1 - SMOOTHING) * hit - SMOOTHING * spread


def _caption(material: Material, image: ImageHead, text: TextHead) -> Tensor:
    """Symmetric contrastive loss of photographs and one caption each (CLIP, Radford et al. 2021)."""
    rows = torch.randint(len(material.captions), (CAPTION_BATCH,))
    pick = torch.randint(material.captions.shape[1], (CAPTION_BATCH,))
    images, texts = image.aligned(material.photo_features[rows]), text.aligned(material.captions[rows, pick])
    logits, own = CAPTION_SCALE * images @ texts.T, torch.arange(CAPTION_BATCH)
    return (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2


def _distillation(features: Tensor, logits: Tensor, classifier: tuple[Tensor, Tensor]) -> Tensor:
    """Keeps what the trunk's own classifier says of the ImageNet names (Hinton et al. 2015)."""
    weight, bias = classifier
    teacher = (features @ weight.T + bias).softmax(1)
    return -(teacher * logits.log_softmax(1)).sum(1).mean()
