"""Fits when to say "none of these": a cosine for every image, and the scale of the logits.

Vocabularies of many kinds are drawn; an example whose name is not in the vocabulary, or that shows nothing in
particular, must answer reject. The cosines come from heads that never saw the example's photograph, or they
would be too good to set a threshold by.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from tools.training.labeller.heads import ImageHead

STEPS, BATCH, RATE, DECAY = 1_200, 256, 1e-3, 0.02
FIRST_SCALE, FIRST_COSINE = 15.0, 0.25
MOST_DRAWN = 40
KEPT = 0.9


@dataclass(frozen=True)
class Trials:
    """Examples against columns of labels.

    Attributes:
        features: float32 [N, 1280].
        cosines: float32 [N, L], of heads fitted without the example's photograph.
        hits: bool [N, L], labels that are right.
        excused: bool [N, L], labels that are neither right nor wrong.
        weight: float32 [N], how often each is drawn.
        fixed: Columns of vocabularies that callers use as a whole.
    """

    features: Tensor
    cosines: Tensor
    hits: Tensor
    excused: Tensor
    weight: Tensor
    fixed: tuple[Tensor, ...]


def fit_reject(head: ImageHead, trials: Trials) -> float:
    """Train the head's reject part in place; the scale of the logits, in weighted cosines."""
    log_scale = torch.nn.Parameter(torch.tensor(FIRST_SCALE).log())
    torch.nn.init.constant_(head.reject[-1].bias, FIRST_COSINE)  # type: ignore[arg-type]
    optimiser = torch.optim.AdamW([*head.reject.parameters(), log_scale], lr=RATE, weight_decay=DECAY)
    head.reject.train()
    for step in range(STEPS):
        for group in optimiser.param_groups:
            group["lr"] = RATE * (1 - step / STEPS)
        loss = _loss(head, trials, log_scale.exp())
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    head.reject.eval()
    print(f"reject: last loss {loss.item():.3f}, scale {log_scale.exp().item():.1f}")
    return log_scale.exp().item()


def _loss(head: ImageHead, trials: Trials, scale: Tensor) -> Tensor:
    rows = torch.multinomial(trials.weight, BATCH, replacement=True)
    return _balanced(*_losses(head, trials, rows, _vocabulary(trials, rows), scale))


def _losses(
    head: ImageHead, trials: Trials, rows: Tensor, columns: Tensor, scale: Tensor
) -> tuple[Tensor, Tensor]:
    """Cross-entropy [B] of the right answer to every trial, and whether that is a name."""
    cosines = trials.cosines[rows][:, columns]
    hits = trials.hits[rows][:, columns]
    names = cosines.masked_fill(trials.excused[rows][:, columns] & ~hits, -1e4)
    logits = scale * torch.cat([names, head.reject_cosine(trials.features[rows])], 1)
    right = torch.cat([hits, ~hits.any(1, keepdim=True)], 1)
    losses = logits.logsumexp(1) - logits.masked_fill(~right, -1e4).logsumexp(1)
    return losses, hits.any(1)


def _balanced(losses: Tensor, named: Tensor) -> Tensor:
    """Mean loss in which rejections weigh at most as much as names, however small the vocabulary."""
    share = (named.sum() / (~named).sum().clamp(min=1)).clamp(max=1)
    weight = torch.where(named, 1.0, share)
    return (losses * weight).sum() / weight.sum().clamp(min=1)


def _vocabulary(trials: Trials, rows: Tensor) -> Tensor:
    """A vocabulary in use, or a few labels, half of them of things in the batch."""
    if torch.rand(()) < 0.5:
        return trials.fixed[int(torch.randint(len(trials.fixed), ()))]
    shown = trials.hits[rows].any(0).nonzero()[:, 0]
    count = int(MOST_DRAWN ** torch.rand(()))
    some = shown[torch.randperm(len(shown))[:count]]
    others = torch.randperm(trials.hits.shape[1])[:count]
    return torch.cat([some, others]).unique()


@torch.no_grad()
def keep_names(head: ImageHead, trials: Trials) -> None:
    """Shift the reject cosine so that KEPT of the trials that fixed vocabularies name are not rejected."""
    cosine = head.reject_cosine(trials.features)[:, 0]
    margins = []
    for columns in trials.fixed:
        present = trials.hits[:, columns].any(1)
        best = trials.cosines[:, columns].amax(1)
        margins.append((best - cosine)[present])
    shift = torch.cat(margins).quantile(1 - KEPT).clamp(max=0)
    head.reject[-1].bias += shift  # type: ignore[operator]
    print(f"reject: shifted by {shift:.3f}")
