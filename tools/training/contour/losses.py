"""Defines the losses of the contour network."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from tools.training.contour.groups import THING, UNKNOWN, UNNAMED, VOC

SIDE_WEIGHT = 0.4
"""Weight of the loss of each side output; the fused output has weight 1."""

BACKGROUND_WEIGHT = 1.1
"""Factor by which pixels without an edge weigh more than class balance demands."""

POINTS = 160
"""Number of pixels of a crop that are compared in pairs."""


def boundary_loss(outputs: list[Tensor], edge: Tensor, flat: Tensor) -> Tensor:
    """Return the class-balanced cross-entropy of Xie and Tu (ICCV 2015) of the fused and the side outputs.

    Args:
        outputs: Logits [B, 1, H, W] of each output; the fused ones are last.
        edge: Weight [B, H, W] of each pixel as an edge.
        flat: [B, H, W], 1 where there is no edge; pixels with neither do not count.
    """
    share = flat.sum() / (flat.sum() + (edge > 0).sum() + 1)
    weight = edge * share + flat * (1 - share) * BACKGROUND_WEIGHT
    target = (edge > 0).float()
    losses = [
        (functional.binary_cross_entropy_with_logits(logits[:, 0], target, reduction="none") * weight).sum()
        for logits in outputs
    ]
    return (losses[-1] + SIDE_WEIGHT * torch.stack(losses[:-1]).sum()) / (2 * target.sum() + 50)


def group_loss(logits: Tensor, groups: Tensor) -> Tensor:
    """Return the cross-entropy over groups; background of VOC may also be a group that VOC does not name.

    Args:
        logits: float32 [B, GROUPS, h, w].
        groups: int64 [B, h, w].
    """
    scores = functional.log_softmax(logits, 1)
    unnamed = torch.cat([scores[:, :1], scores[:, len(VOC) + 1 :]], 1).logsumexp(1)
    named = scores.gather(1, groups.clamp(max=THING)[:, None])[:, 0]
    known = groups != UNKNOWN
    chosen = torch.where(groups == UNNAMED, unnamed, named)
    weight = known * torch.where((groups == 0) | (groups == UNNAMED), 0.5, 1.0)
    return -(chosen * weight).sum() / (weight.sum() + 1)


class PairLoss(nn.Module):
    """Separates pairs of pixels of one object from pairs of two objects.

    The loss is the cross-entropy on the distance of their vectors, both answers balanced (Fathi et al. 2017).
    """

    def __init__(self) -> None:
        super().__init__()
        self.offset = nn.Parameter(torch.tensor(2.0))

    def forward(self, vectors: Tensor, objects: Tensor, generator: torch.Generator) -> Tensor:
        """Return the mean loss of a batch.

        Args:
            vectors: float32 [B, VECTOR, h, w].
            objects: int64 [B, h, w], 0 background, -1 unknown.
            generator: Draws the pixels.
        """
        losses = [
            self._one(vector.flatten(1).T, labels.flatten(), generator)
            for vector, labels in zip(vectors, objects, strict=True)
        ]
        return torch.stack(losses).mean()

    def _one(self, vectors: Tensor, labels: Tensor, generator: torch.Generator) -> Tensor:
        counts = torch.bincount(labels[labels >= 0], minlength=1)
        if len(counts) < 2 or counts[1:].max() < 2:
            return vectors.sum() * 0
        # Small objects are drawn more often than their area says, background no more than an object.
        draw = torch.where(labels >= 0, counts[labels.clamp(min=0)].float().pow(-0.5), 0.0)
        picked = torch.multinomial(draw, POINTS, replacement=True, generator=generator)
        chosen, label = vectors[picked], labels[picked]
        distance = (chosen[:, None] - chosen[None]).square().sum(2)
        same = (label[:, None] == label[None]).float()
        known = (label[:, None] > 0) | (label[None] > 0)
        loss = functional.binary_cross_entropy_with_logits(self.offset - distance, same, reduction="none")
        halves = [(loss * each).sum() / (each.sum() + 1) for each in (same * known, (1 - same) * known)]
        return (halves[0] + halves[1]) / 2
