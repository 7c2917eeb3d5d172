"""Trains a whole network on from a fitted last layer (LP-FT: Kumar et al., ICLR 2022)."""

from collections.abc import Callable, Iterator
from math import cos, pi

import torch
from torch import Tensor, nn
from torch.nn import functional

from tools.compare.classifier import Schedule
from tools.compare.cnn.pixels import normalised, varied

BATCH = 32
RATE, RATE_FROM_SCRATCH = 2e-4, 2e-3
DECAY = 0.02
WARM_UP = 0.1
"""Share of the steps in which the rate rises; it falls along a cosine in the others."""


def tune(
    network: nn.Module,
    pixels: Tensor,
    targets: Tensor,
    schedule: Schedule,
    pretrained: bool,
    report: Callable[[int, int], None],
) -> None:
    """Train `network` in place by AdamW on varied photographs.

    Args:
        network: Pixels to logits.
        pixels: uint8 [N, 3, S, S].
        targets: int64 [N].
        schedule: How long.
        pretrained: Whether batch norms keep the statistics they came with, and steps are small.
        report: Told of the steps done and the steps there are.
    """
    device = next(network.parameters()).device
    random = torch.Generator().manual_seed(schedule.seed)
    torch.manual_seed(schedule.seed)  # of dropout
    rate = RATE if pretrained else RATE_FROM_SCRATCH
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=DECAY)
    total = schedule.epochs * _steps(len(pixels))
    _prepare(network, pretrained)
    for step, rows in enumerate(_batches(len(pixels), schedule.epochs, random)):
        for group in optimiser.param_groups:
            group["lr"] = rate * _share(step, total)
        batch = varied(normalised(pixels[rows]), random).to(device)
        loss = functional.cross_entropy(network(batch), targets[rows].to(device))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        report(step + 1, total)


def _prepare(network: nn.Module, pretrained: bool) -> None:
    """Into training mode, but for batch norms whose statistics are better than those of small batches."""
    network.train()
    for module in network.modules():
        if pretrained and isinstance(module, nn.BatchNorm2d):
            module.eval()


def _batches(count: int, epochs: int, random: torch.Generator) -> Iterator[Tensor]:
    for _ in range(epochs):
        yield from torch.randperm(count, generator=random).split(BATCH)[: _steps(count)]


def _steps(count: int) -> int:
    """Batches of an epoch; a last one of one photograph is left out, since batch norm needs a variance."""
    return count // BATCH + (count % BATCH > 1)


def _share(step: int, total: int) -> float:
    warm = max(1, round(WARM_UP * total))
    return min((step + 1) / warm, 0.5 + 0.5 * cos(pi * step / total))
