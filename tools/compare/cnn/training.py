"""Trains a whole network on from a fitted last layer (LP-FT: Kumar et al., ICLR 2022)."""

from collections.abc import Callable, Iterator
from math import cos, pi

import torch
from torch import Tensor, nn
from torch.nn import functional

from domain.arrays import Floats
from tools.compare.classifier import LinearHead, Targets, TrainingSchedule
from tools.compare.cnn.pixels import augment, normalize_imagenet

TRAINING_BATCH_SIZE = 32

LEARNING_RATE, LEARNING_RATE_FROM_SCRATCH = 2e-4, 2e-3

WEIGHT_DECAY = 0.02

WARMUP_FRACTION = 0.1
"""Share of the steps in which the rate rises; it falls along a cosine in the others."""


def fine_tune_network(
    network: nn.Module,
    pixels: Tensor,
    targets: Tensor,
    schedule: TrainingSchedule,
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
    rate = LEARNING_RATE if pretrained else LEARNING_RATE_FROM_SCRATCH
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=WEIGHT_DECAY)
    total = schedule.epochs * _steps_per_epoch(len(pixels))
    _set_training_mode(network, pretrained)
    for step, rows in enumerate(_training_batches(len(pixels), schedule.epochs, random)):
        for group in optimiser.param_groups:
            group["lr"] = rate * _learning_rate_factor(step, total)
        batch = augment(normalize_imagenet(pixels[rows]), random).to(device)
        loss = functional.cross_entropy(network(batch), targets[rows].to(device))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        report(step + 1, total)


def _set_training_mode(network: nn.Module, pretrained: bool) -> None:
    """Into training mode, but for batch norms whose statistics are better than those of small batches."""
    network.train()
    for module in network.modules():
        if pretrained and isinstance(module, nn.BatchNorm2d):
            module.eval()


def _training_batches(count: int, epochs: int, random: torch.Generator) -> Iterator[Tensor]:
    for _ in range(epochs):
        yield from torch.randperm(count, generator=random).split(TRAINING_BATCH_SIZE)[
            : _steps_per_epoch(count)
        ]


def _steps_per_epoch(count: int) -> int:
    """Batches of an epoch; a last one of one photograph is left out, since batch norm needs a variance."""
    return count // TRAINING_BATCH_SIZE + (count % TRAINING_BATCH_SIZE > 1)


def _learning_rate_factor(step: int, total: int) -> float:
    warm = max(1, round(WARMUP_FRACTION * total))
    return min((step + 1) / warm, 0.5 + 0.5 * cos(pi * step / total))


LBFGS_MAX_ITERATIONS = 200

L2_PENALTY = 1e-4
"""Weight of half the squared norm beside the mean cross-entropy, for features of variance 1."""


def fit_linear_probe(features: Floats, targets: Targets, classes: int) -> LinearHead:
    """The classifier of features [N, F]; convex, so that nothing about it is random.

    Features are brought to mean 0 and variance 1 for the fit; what is returned takes them as they are.
    """
    mean, spread = features.mean(0), features.std(0) + 1e-3
    x, y = torch.from_numpy((features - mean) / spread), torch.from_numpy(targets)
    weight, bias = _minimize(x, y, classes)
    plain = weight.numpy() / spread[:, None]
    return LinearHead(plain, bias.numpy() - mean @ plain)


def _minimize(x: Tensor, y: Tensor, classes: int) -> tuple[Tensor, Tensor]:
    weight, bias = nn.Parameter(torch.zeros(x.shape[1], classes)), nn.Parameter(torch.zeros(classes))
    optimiser = torch.optim.LBFGS(
        [weight, bias], max_iter=LBFGS_MAX_ITERATIONS, line_search_fn="strong_wolfe"
    )

    def loss() -> Tensor:
        optimiser.zero_grad()
        value = functional.cross_entropy(x @ weight + bias, y) + L2_PENALTY / 2 * weight.square().sum()
        value.backward()
        return value

    optimiser.step(loss)
    return weight.detach(), bias.detach()
