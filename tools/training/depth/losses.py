"""What training minimises: errors of relative depth that no scale or shift of the answer changes.

Scale- and shift-invariant loss and its gradient term: Ranftl et al., "Towards Robust Monocular Depth
Estimation", TPAMI 2020. Ranking loss over pairs of pixels: Chen et al., "Single-Image Depth Perception in the
Wild", NeurIPS 2016.
"""

import torch
from torch import Tensor
from torch.nn import functional

PAIRS = 3000
REAL_DIFFERENCE = 0.03
"""Pairs count whose inverse depths differ by more than this share of the larger."""

GRADIENT_WEIGHT, RANKING_WEIGHT = 0.5, 0.5
SHARPNESS = 4.0
SCALES = 4


def normalised(values: Tensor) -> Tensor:
    """Each map [B, H, W] less its median, over its mean absolute deviation."""
    flat = values.flatten(1)
    centred = flat - flat.median(1, keepdim=True).values
    spread = centred.abs().mean(1, keepdim=True).clamp_min(1e-4)
    return (centred / spread).view_as(values)


def rendered_loss(predicted: Tensor, inverse: Tensor) -> Tensor:
    """Of predictions [B, H, W] where the exact inverse depth [B, H, W] is known."""
    ours, theirs = normalised(predicted), normalised(inverse).clamp(-3, 6)
    difference = ours - theirs
    value = functional.smooth_l1_loss(ours, theirs, beta=0.2)
    first, second = pairs(inverse)
    return (
        value
        + GRADIENT_WEIGHT * _gradients(difference)
        + RANKING_WEIGHT * _ranking(ours, inverse, first, second)
    )


def ordered_loss(predicted: Tensor, nearer: Tensor, farther: Tensor, real: Tensor) -> Tensor:
    """Of predictions [B, H, W] where pixel `nearer` [B, P] is known to be nearer than `farther` [B, P].

    Args:
        predicted: Any scale.
        nearer: Flat index.
        farther: Flat index.
        real: Weight [B, P] of each pair, 0 for padding.
    """
    ours = normalised(predicted).flatten(1)
    gap = ours.gather(1, nearer) - ours.gather(1, farther)
    return (functional.softplus(-SHARPNESS * gap) * real).sum() / real.sum().clamp_min(1)


def pairs(inverse: Tensor) -> tuple[Tensor, Tensor]:
    """Flat indices [B, PAIRS] of random pixels, on the device of the map."""
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
