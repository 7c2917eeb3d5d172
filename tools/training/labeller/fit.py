"""Fits the alignment: softmax over names, contrast of captions, distillation of the ImageNet names."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812
from tqdm import trange

from tools.training.labeller.heads import ImageHead, TextHead
from tools.training.labeller.names import Names

STEPS, BATCH, RATE, DECAY, WARM_UP = 600, 256, 1e-3, 0.05, 50
SMOOTHING = 0.1
CAPTION_BATCH, CAPTION_SCALE, CAPTION_WEIGHT = 64, 15.0, 0.3
DISTIL_WEIGHT, DISTIL_EVERY = 0.2, 2
FIRST_LOG_SCALE = 3.0
UNSEEN_SCENES = 0.25
"""Share of the crops shown without their photograph, so that heads can do without it."""


@dataclass(frozen=True)
class Material:
    """What the alignment is fitted to.

    Attributes:
        features: float32 [N, 1280].
        looks: int64 [N, V], rows of `scenes` that show the photograph of each.
        target: int64 [N], index into `names`.
        weight: float32 [N], how often each is drawn.
        names: The names.
        scenes: float32 [S, 1280], whole photographs.
        captioned: int64 [P], rows of `scenes` that have captions.
        captions: float32 [P, C, 384], sentence vectors of their captions.
        imagenet: float32 [1000, 384], sentence vectors of the ImageNet names.
        classifier: ImageNet weight [1000, 1280] and bias [1000] of the trunk.
    """

    features: Tensor
    looks: Tensor
    target: Tensor
    weight: Tensor
    names: Names
    scenes: Tensor
    captioned: Tensor
    captions: Tensor
    imagenet: Tensor
    classifier: tuple[Tensor, Tensor]


def fit(material: Material, steps: int = STEPS) -> tuple[ImageHead, TextHead]:
    """Both heads, their reject part still untrained."""
    image, text = ImageHead(_moments(material.features), _moments(material.scenes)), TextHead()
    log_scale = torch.nn.Parameter(torch.tensor(FIRST_LOG_SCALE))
    aligning = [p for name, p in image.named_parameters() if not name.startswith("reject")]
    optimiser = torch.optim.AdamW([*aligning, *text.parameters(), log_scale], lr=RATE, weight_decay=DECAY)
    for step in (bar := trange(steps, desc="alignment", mininterval=5)):
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(1, (step + 1) / WARM_UP) * (1 - step / steps)
        with torch.autocast("cpu", torch.bfloat16):
            loss = _loss(material, image, text, log_scale.exp(), step)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        bar.set_postfix(loss=f"{loss.item():.3f}", refresh=False)
    return image.eval(), text.eval()


def _moments(features: Tensor) -> tuple[Tensor, Tensor]:
    return features.mean(0), features.std(0) + 1e-3


def _loss(material: Material, image: ImageHead, text: TextHead, scale: Tensor, step: int) -> Tensor:
    rows = torch.multinomial(material.weight, BATCH, replacement=True)
    features, target = material.features[rows], material.target[rows]
    vectors = image.aligned(features, _scenes(material, rows))
    logits = scale * vectors @ text.aligned(material.names.draw()).T
    loss = _naming(logits.float(), target, material.names.together)
    loss = loss + CAPTION_WEIGHT * _caption(material, image, text)
    if step % DISTIL_EVERY == 0:
        imagenet = scale * vectors @ text.aligned(material.imagenet).T
        distilled = _distillation(features, imagenet.float(), material.classifier)
        loss = loss + DISTIL_EVERY * DISTIL_WEIGHT * distilled
    return loss


def _scenes(material: Material, rows: Tensor) -> Tensor:
    """One look of each crop's photograph [B, 1280], or zeros where it is not to be seen."""
    look = torch.randint(material.looks.shape[1], (len(rows),))
    seen = (torch.rand(len(rows), 1) >= UNSEEN_SCENES).to(material.scenes.dtype)
    return material.scenes[material.looks[rows, look]] * seen


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
    photos = material.scenes[material.captioned[rows]]
    scenes = photos * (torch.rand(CAPTION_BATCH, 1) >= UNSEEN_SCENES)
    images, texts = image.aligned(photos, scenes), text.aligned(material.captions[rows, pick])
    logits, own = CAPTION_SCALE * (images @ texts.T).float(), torch.arange(CAPTION_BATCH)
    return (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2


def _distillation(features: Tensor, logits: Tensor, classifier: tuple[Tensor, Tensor]) -> Tensor:
    """Keeps what the trunk's own classifier says of the ImageNet names (Hinton et al. 2015)."""
    weight, bias = classifier
    teacher = (features @ weight.T + bias).float().softmax(1)
    return -(teacher * logits.log_softmax(1)).sum(1).mean()
