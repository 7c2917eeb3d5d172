"""Fits the alignment: softmax over labels, contrast of captions, distillation of the ImageNet classes."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812
from tqdm import trange

from tools.training.labeller.heads import ImageHead, TextHead
from tools.training.labeller.names import LabelTexts

STEPS, BATCH, RATE, DECAY, WARM_UP = 600, 256, 1e-3, 0.05, 50
"""Usual number of steps, size of a batch, highest learning rate, weight decay, and steps of the warm-up."""

SMOOTHING = 0.1
"""Share of the target that is spread over all labels."""

CAPTION_BATCH, CAPTION_SCALE, CAPTION_WEIGHT = 64, 15.0, 0.3
"""Size of a batch of captions, scale of their logits, and weight of their loss."""

DISTIL_WEIGHT, DISTIL_EVERY = 0.2, 2
"""Weight of the distillation, and number of steps from one to the next."""

FIRST_LOG_SCALE = 3.0
"""Logarithm of the scale of the logits before the first step."""

HIDDEN_SCENES = 0.25
"""Share of the crops that are trained on without their image, so that heads can do without it."""


@dataclass(frozen=True)
class Material:
    """The data that the alignment is fitted to.

    Attributes:
        features: Features of the crops, float32 [N, 1280].
        scene_rows: Rows of `scenes` that show the image of each crop, int64 [N, V].
        target: Index of the label of each crop, int64 [N].
        weight: Relative frequency with which each crop is drawn, float32 [N].
        labels: The labels.
        scenes: Features of whole images, float32 [S, 1280].
        captioned: Rows of `scenes` that have captions, int64 [P].
        captions: Sentence vectors of their captions, float32 [P, C, 384].
        imagenet: Sentence vectors of the ImageNet class names, float32 [1000, 384].
        classifier: ImageNet weight [1000, 1280] and bias [1000] of the trunk.
    """

    features: Tensor
    scene_rows: Tensor
    target: Tensor
    weight: Tensor
    labels: LabelTexts
    scenes: Tensor
    captioned: Tensor
    captions: Tensor
    imagenet: Tensor
    classifier: tuple[Tensor, Tensor]


def fit(material: Material, steps: int = STEPS) -> tuple[ImageHead, TextHead]:
    """Return both heads; the reject part of the image head is still untrained."""
    image, text = ImageHead(_moments(material.features), _moments(material.scenes)), TextHead()
    log_scale = torch.nn.Parameter(torch.tensor(FIRST_LOG_SCALE))
    aligning = [p for name, p in image.named_parameters() if not name.startswith("reject")]
    optimizer = torch.optim.AdamW([*aligning, *text.parameters(), log_scale], lr=RATE, weight_decay=DECAY)
    for step in (bar := trange(steps, desc="alignment", mininterval=5)):
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1, (step + 1) / WARM_UP) * (1 - step / steps)
        with torch.autocast("cpu", torch.bfloat16):
            loss = _loss(material, image, text, log_scale.exp(), step)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        bar.set_postfix(loss=f"{loss.item():.3f}", refresh=False)
    return image.eval(), text.eval()


def _moments(features: Tensor) -> tuple[Tensor, Tensor]:
    return features.mean(0), features.std(0) + 1e-3


def _loss(material: Material, image: ImageHead, text: TextHead, scale: Tensor, step: int) -> Tensor:
    rows = torch.multinomial(material.weight, BATCH, replacement=True)
    features, target = material.features[rows], material.target[rows]
    vectors = image.aligned(features, _scenes(material, rows))
    logits = scale * vectors @ text.aligned(material.labels.draw()).T
    loss = _classification(logits.float(), target, material.labels.compatible)
    loss = loss + CAPTION_WEIGHT * _caption(material, image, text)
    if step % DISTIL_EVERY == 0:
        imagenet = scale * vectors @ text.aligned(material.imagenet).T
        distilled = _distillation(features, imagenet.float(), material.classifier)
        loss = loss + DISTIL_EVERY * DISTIL_WEIGHT * distilled
    return loss


def _scenes(material: Material, rows: Tensor) -> Tensor:
    """Return features [B, 1280] of a random variant of the image of each crop, zeros where it is hidden."""
    variant = torch.randint(material.scene_rows.shape[1], (len(rows),))
    visible = (torch.rand(len(rows), 1) >= HIDDEN_SCENES).to(material.scenes.dtype)
    return material.scenes[material.scene_rows[rows, variant]] * visible


def _classification(logits: Tensor, target: Tensor, compatible: Tensor) -> Tensor:
    """Return the smoothed cross-entropy, without other labels that are compatible with the target."""
    ignored = compatible[target] & (torch.arange(logits.shape[1]) != target[:, None])
    log_probabilities = logits.masked_fill(ignored, -1e4).log_softmax(1)
    hit = log_probabilities.gather(1, target[:, None]).mean()
    spread = (log_probabilities.masked_fill(ignored, 0).sum(1) / (~ignored).sum(1)).mean()
    return -(1 - SMOOTHING) * hit - SMOOTHING * spread


def _caption(material: Material, image: ImageHead, text: TextHead) -> Tensor:
    """Return the symmetric contrastive loss of images and one caption each (CLIP, Radford et al., 2021)."""
    rows = torch.randint(len(material.captions), (CAPTION_BATCH,))
    pick = torch.randint(material.captions.shape[1], (CAPTION_BATCH,))
    features = material.scenes[material.captioned[rows]]
    scenes = features * (torch.rand(CAPTION_BATCH, 1) >= HIDDEN_SCENES)
    images, texts = image.aligned(features, scenes), text.aligned(material.captions[rows, pick])
    logits, own = CAPTION_SCALE * (images @ texts.T).float(), torch.arange(CAPTION_BATCH)
    return (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2


def _distillation(features: Tensor, logits: Tensor, classifier: tuple[Tensor, Tensor]) -> Tensor:
    """Return the cross-entropy with the ImageNet classifier of the trunk as teacher (Hinton et al., 2015)."""
    weight, bias = classifier
    teacher = (features @ weight.T + bias).float().softmax(1)
    return -(teacher * logits.log_softmax(1)).sum(1).mean()
