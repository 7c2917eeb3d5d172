"""Defines the losses of relative depth, which do not depend on scale and shift of the prediction.

Scale- and shift-invariant loss and its gradient term: Ranftl et al., "Towards Robust Monocular Depth
Estimation", TPAMI 2020. Ranking loss over pairs of pixels: Chen et al., "Single-Image Depth Perception in the
Wild", NeurIPS 2016.
"""

import torch
from torch import Tensor
from torch.nn import functional

PAIRS = 3000
"""Number of pairs of pixels of an image that the ranking loss compares."""

REAL_DIFFERENCE = 0.03
"""Least difference of the inverse depths of a pair that counts, as a share of the larger one."""

GRADIENT_WEIGHT, RANKING_WEIGHT = 0.5, 0.5
"""Weights of the gradient and the ranking terms; that of values has weight 1."""

SHARPNESS = 4.0
"""Slope of the ranking loss at a tie is half of this."""

SCALES = 4
"""Number of scales of the gradient term, each half as fine as the one before."""


def normalised(values: Tensor) -> Tensor:
    """Return each map [B, H, W] less its median, divided by its mean absolute deviation."""
    flat = values.flatten(1)
    centred = flat - flat.median(1, keepdim=True).values
    spread = centred.abs().mean(1, keepdim=True).clamp_min(1e-4)
    return (centred / spread).view_as(values)


def rendered_loss(predicted: Tensor, inverse: Tensor) -> Tensor:
    """Return the loss of predictions [B, H, W] whose exact inverse depth [B, H, W] is known."""
    ours, target = normalised(predicted), normalised(inverse).clamp(-3, 6)
    difference = ours - target
    value = functional.smooth_l1_loss(ours, target, beta=0.2)
    first, second = pairs(inverse)
    return (
        value
        + GRADIENT_WEIGHT * _gradients(difference)
        + RANKING_WEIGHT * _ranking(ours, inverse, first, second)
    )


def ordered_loss(predicted: Tensor, nearer: Tensor, farther: Tensor, weight: Tensor) -> Tensor:
    """Return the loss of predictions of which pairs of pixels with a known order are known.

    Args:
        predicted: float32 [B, H, W], of any scale.
        nearer: int64 [B, P], indices into the flattened map.
        farther: int64 [B, P], likewise, of pixels that are farther away.
        weight: float32 [B, P], weight of each pair, 0 for padding.
    """
    ours = normalised(predicted).flatten(1)
    gap = ours.gather(1, nearer) - ours.gather(1, farther)
    return (functional.softplus(-SHARPNESS * gap) * weight).sum() / weight.sum().clamp_min(1)


def pairs(inverse: Tensor) -> tuple[Tensor, Tensor]:
    """Return two lots of indices [B, PAIRS] of random pixels of the flattened map, on its device."""
    shape = (inverse.shape[0], PAIRS)
    count = inverse[0].numel()
    first = torch.randint(count, shape, device=inverse.device)
    return first, torch.randint(count, shape, device=inverse.device)


def _ranking(ours: Tensor, inverse: Tensor, first: Tensor, second: Tensor) -> Tensor:
    truth = inverse.flatten(1)
    one, other = truth.gather(1, first), truth.gather(1, second)
    real = ((one - other).abs() > REAL_DIFFERENCE * torch.maximum(one, other)).float()
    flat = ours.flatten(1)
    gap = (flat.gather(1, first) - flat.gather(1, second)) * (one - other).sign()
    return (functional.softplus(-SHARPNESS * gap) * real).sum() / real.sum().clamp_min(1)


def _gradients(difference: Tensor) -> Tensor:
    total = difference.new_zeros(())
    for scale in range(SCALES):
        sparse = difference[:, :: 2**scale, :: 2**scale]
        total = total + sparse.diff(dim=1).abs().mean() + sparse.diff(dim=2).abs().mean()
    return total
