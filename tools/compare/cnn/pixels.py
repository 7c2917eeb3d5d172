"""Resizes, normalises and augments images for a network."""

from collections.abc import Iterable

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from domain.arrays import Rgb

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
"""Statistics of ImageNet in sRGB of 0 to 1, with which all published weights were trained."""

MIN_CROP_SCALE = 0.7
"""Least side of an augmentation crop, as a share of the image's side."""


def resize_to_squares(images: Iterable[Rgb], side: int) -> Tensor:
    """Return the images resized to squares, uint8 [N, 3, side, side]; the aspect ratio is not kept."""
    resized = [_resize_to_square(rgb, side) for rgb in images]
    return torch.from_numpy(np.stack(resized)).permute(0, 3, 1, 2).contiguous()


def _resize_to_square(rgb: Rgb, side: int) -> Rgb:
    # INTER_AREA averages when it shrinks, but repeats pixels as blocks when it enlarges.
    interpolation = cv2.INTER_AREA if min(rgb.shape[:2]) >= side else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(rgb, (side, side), interpolation=interpolation), np.uint8)


def normalize_imagenet(pixels: Tensor) -> Tensor:
    """Return normalised pixels, float32 [N, 3, S, S], of pixels uint8 [N, 3, S, S]."""
    mean, std = (
        torch.tensor(numbers, device=pixels.device)[:, None, None]
        for numbers in (IMAGENET_MEAN, IMAGENET_STD)
    )
    return (pixels.float() / 255 - mean) / std


def augment(pixels: Tensor, random: torch.Generator) -> Tensor:
    """Return a random crop of each image [N, 3, S, S] at the same size, mirrored with probability 0.5.

    Args:
        pixels: Normalised pixels.
        random: Generator on the CPU.
    """
    count = len(pixels)
    scale = MIN_CROP_SCALE + (1 - MIN_CROP_SCALE) * torch.rand(count, generator=random)
    shift = (1 - scale)[:, None] * (2 * torch.rand(count, 2, generator=random) - 1)
    mirror = 1 - 2 * torch.randint(2, (count,), generator=random).float()
    zero = torch.zeros(count)
    rows = [torch.stack([scale * mirror, zero, shift[:, 0]], 1), torch.stack([zero, scale, shift[:, 1]], 1)]
    grid = functional.affine_grid(torch.stack(rows, 1), list(pixels.shape), align_corners=False)
    return functional.grid_sample(pixels, grid.to(pixels.device), align_corners=False)
