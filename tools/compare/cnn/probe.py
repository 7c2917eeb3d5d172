"""Fits a linear classifier to features: multinomial logistic regression with L2, by L-BFGS."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from domain.arrays import Floats
from tools.compare.classifier import LinearHead, Targets

STEPS = 200
DECAY = 1e-4
"""Weight of half the squared norm beside the mean cross-entropy, for features of variance 1."""


def fit_probe(features: Floats, targets: Targets, classes: int) -> LinearHead:
    """The classifier of features [N, F]; convex, so that nothing about it is random.

    Features are brought to mean 0 and variance 1 for the fit; what is returned takes them as they are.
    """
    mean, spread = features.mean(0), features.std(0) + 1e-3
    x, y = torch.from_numpy((features - mean) / spread), torch.from_numpy(targets)
    weight, bias = _minimum(x, y, classes)
    plain = weight.numpy() / spread[:, None]
    return LinearHead(plain, bias.numpy() - mean @ plain)


def _minimum(x: Tensor, y: Tensor, classes: int) -> tuple[Tensor, Tensor]:
    weight, bias = nn.Parameter(torch.zeros(x.shape[1], classes)), nn.Parameter(torch.zeros(classes))
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=STEPS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        value = functional.cross_entropy(x @ weight + bias, y) + DECAY / 2 * weight.square().sum()
        value.backward()
        return value

    optimiser.step(loss)
    return weight.detach(), bias.detach()
