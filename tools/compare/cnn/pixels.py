"""Turns photographs into what a network reads, and varies them for training."""

from collections.abc import Iterable

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from domain.arrays import Rgb

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
"""ImageNet's, in sRGB of 0..1: what all the published weights were trained with."""

MIN_CROP_SCALE = 0.7
"""Least side of the part that a varied photograph shows."""


def resize_to_squares(images: Iterable[Rgb], side: int) -> Tensor:
    """Photographs squashed to squares: uint8 [N, 3, side, side]."""
    small = [_resize_to_square(rgb, side) for rgb in images]
    return torch.from_numpy(np.stack(small)).permute(0, 3, 1, 2).contiguous()


def _resize_to_square(rgb: Rgb, side: int) -> Rgb:
    # Areas are averaged on the way down; that way up they would turn into blocks.
    way = cv2.INTER_AREA if min(rgb.shape[:2]) >= side else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(rgb, (side, side), interpolation=way), np.uint8)


def normalize_imagenet(pixels: Tensor) -> Tensor:
    """float32 [N, 3, S, S] of uint8 [N, 3, S, S]."""
    mean, std = (
        torch.tensor(numbers, device=pixels.device)[:, None, None]
        for numbers in (IMAGENET_MEAN, IMAGENET_STD)
    )
    return (pixels.float() / 255 - mean) / std


def augment(pixels: Tensor, random: torch.Generator) -> Tensor:
    """Each of the photographs [N, 3, S, S] cropped somewhere, and half of them mirrored.

    Args:
        pixels: Normalised.
        random: On the CPU.
    """
    count = len(pixels)
    scale = MIN_CROP_SCALE + (1 - MIN_CROP_SCALE) * torch.rand(count, generator=random)
    shift = (1 - scale)[:, None] * (2 * torch.rand(count, 2, generator=random) - 1)
    mirror = 1 - 2 * torch.randint(2, (count,), generator=random).float()
    zero = torch.zeros(count)
    rows = [torch.stack([scale * mirror, zero, shift[:, 0]], 1), torch.stack([zero, scale, shift[:, 1]], 1)]
    grid = functional.affine_grid(torch.stack(rows, 1), list(pixels.shape), align_corners=False)
    return functional.grid_sample(pixels, grid.to(pixels.device), align_corners=False)
