"""Fits the reject class: its cosine for every image, and the scale of the logits.

Vocabularies of many kinds are drawn. An example whose label is not in the vocabulary, or that shows nothing
in particular, must be rejected. The cosines are those of heads that were not fitted to the image of the
example, because otherwise they would be higher than in use.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from tools.training.labeller.heads import ImageHead

STEPS, BATCH, RATE, DECAY = 1_200, 256, 1e-3, 0.02
"""Usual number of steps, size of a batch, highest learning rate, and weight decay."""

FIRST_SCALE, FIRST_COSINE = 15.0, 0.25
"""Scale of the logits and cosine of the reject class before the first step."""

MOST_DRAWN = 40
"""Largest number of labels of either half of a vocabulary that is drawn."""

KEPT = 0.9
"""Share of the trials with a right label that must not be rejected."""


@dataclass(frozen=True)
class Trials:
    """Examples with columns of labels.

    Attributes:
        features: float32 [N, 1280].
        cosines: Weighted cosines of heads fitted without the image of the example, float32 [N, L].
        hits: bool [N, L], true for labels that are right.
        ignored: bool [N, L], true for labels that are neither right nor wrong.
        weight: Relative frequency with which each example is drawn, float32 [N].
        fixed: Columns of each vocabulary that is used as a whole.
    """

    features: Tensor
    cosines: Tensor
    hits: Tensor
    ignored: Tensor
    weight: Tensor
    fixed: tuple[Tensor, ...]


def fit_reject(head: ImageHead, trials: Trials, steps: int = STEPS) -> float:
    """Train the reject part of the head in place; return the scale of the logits for weighted cosines."""
    log_scale = torch.nn.Parameter(torch.tensor(FIRST_SCALE).log())
    torch.nn.init.constant_(head.reject_bias, FIRST_COSINE)
    optimizer = torch.optim.AdamW([*head.reject.parameters(), log_scale], lr=RATE, weight_decay=DECAY)
    head.reject.train()
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = RATE * (1 - step / steps)
        loss = _loss(head, trials, log_scale.exp())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    head.reject.eval()
    print(f"reject: last loss {loss.item():.3f}, scale {log_scale.exp().item():.1f}")
    return log_scale.exp().item()


def _loss(head: ImageHead, trials: Trials, scale: Tensor) -> Tensor:
    rows = torch.multinomial(trials.weight, BATCH, replacement=True)
    return _balanced(*_losses(head, trials, rows, _vocabulary(trials, rows), scale))


def _losses(
    head: ImageHead, trials: Trials, rows: Tensor, columns: Tensor, scale: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the cross-entropy [B] of every trial, and bool [B], true where a label is right."""
    cosines = trials.cosines[rows][:, columns]
    hits = trials.hits[rows][:, columns]
    allowed = cosines.masked_fill(trials.ignored[rows][:, columns] & ~hits, -1e4)
    logits = scale * torch.cat([allowed, head.reject_cosine(trials.features[rows])], 1)
    right = torch.cat([hits, ~hits.any(1, keepdim=True)], 1)
    losses = logits.logsumexp(1) - logits.masked_fill(~right, -1e4).logsumexp(1)
    return losses, hits.any(1)


def _balanced(losses: Tensor, labelled: Tensor) -> Tensor:
    """Return the mean loss, in which all rejections together weigh at most as much as all labels."""
    share = (labelled.sum() / (~labelled).sum().clamp(min=1)).clamp(max=1)
    weight = torch.where(labelled, 1.0, share)
    return (losses * weight).sum() / weight.sum().clamp(min=1)


def _vocabulary(trials: Trials, rows: Tensor) -> Tensor:
    """Return the columns of a fixed vocabulary, or of random labels, half of which are right in the batch."""
    if torch.rand(()) < 0.5:
        return trials.fixed[int(torch.randint(len(trials.fixed), ()))]
    shown = trials.hits[rows].any(0).nonzero()[:, 0]
    count = int(MOST_DRAWN ** torch.rand(()))
    some = shown[torch.randperm(len(shown))[:count]]
    others = torch.randperm(trials.hits.shape[1])[:count]
    columns: Tensor = torch.cat([some, others]).unique()
    return columns


@torch.no_grad()
def keep_labels(head: ImageHead, trials: Trials) -> None:
    """Lower the reject cosine in place, so that KEPT of the trials with a right label are not rejected."""
    cosine = head.reject_cosine(trials.features)[:, 0]
    margins = []
    for columns in trials.fixed:
        present = trials.hits[:, columns].any(1)
        best = trials.cosines[:, columns].amax(1)
        margins.append((best - cosine)[present])
    shift = torch.cat(margins).quantile(1 - KEPT).clamp(max=0)
    head.reject_bias.add_(shift)
    print(f"reject: shifted by {shift:.3f}")
