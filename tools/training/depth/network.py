"""Defines the depth network, which predicts relative inverse depth from one image.

It is a feature pyramid (Lin et al., CVPR 2017) on EfficientNet-Lite0. Pixel coordinates are inputs beside the
features, as in CoordConv (Liu et al., NeurIPS 2018), because depth depends much on them.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from tools.training.backbone import feature_body, freeze_norms

FROZEN = ("body.conv_stem", "body.bn1", "body.blocks.0", "body.blocks.1")
"""Prefixes of the first layers, which keep their ImageNet weights: training them costs much, gains little."""


class DepthNetwork(nn.Module):
    """Predicts relative inverse depth at half the size of the image.

    Args:
        channels: Number of channels of every pyramid level.
    """

    def __init__(self, channels: int = 56) -> None:
        super().__init__()
        self.body, (finest, *widths) = feature_body()
        self.lat = nn.ModuleList(nn.Conv2d(width + 2, channels, 1) for width in widths)
        self.overall = nn.Linear(widths[-1], channels)
        self.smooth = nn.ModuleList(_separable(channels) for _ in widths)
        self.finest = nn.Conv2d(finest, channels // 2, 1)
        self.reduce = nn.Conv2d(channels, channels // 2, 1)
        self.head = nn.Sequential(
            nn.ReLU(),
            nn.Conv2d(channels // 2, channels // 2, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(channels // 2, 1, 1),
        )

    def forward(self, pixels: Tensor) -> Tensor:
        """Return [B, 1, H / 2, W / 2], larger = nearer, of normalised pixels [B, 3, H, W].

        H and W are multiples of 32.
        """
        finest, *levels = self.body(pixels)
        merged = self.overall(levels[-1].mean((2, 3)))[:, :, None, None]
        for index in reversed(range(len(levels))):
            level = levels[index]
            lateral = self.lat[index](torch.cat([level, _coordinates(level)], 1))
            merged = merged if index == len(levels) - 1 else _doubled(merged)
            merged = self.smooth[index](lateral + merged)
        output: Tensor = self.head(_doubled(self.reduce(merged)) + self.finest(finest))
        return output


def freeze(network: DepthNetwork) -> None:
    """Set the network to training, except for its first layers and its batch norms."""
    freeze_norms(network)
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(not name.startswith(FROZEN))


def _separable(channels: int) -> nn.Module:
    """Return a depthwise 5x5 convolution and two convolutions across channels, twice as wide between them."""
    return nn.Sequential(
        nn.ReLU(),
        nn.Conv2d(channels, channels, 5, padding=2, groups=channels),
        nn.Conv2d(channels, 2 * channels, 1),
        nn.ReLU(),
        nn.Conv2d(2 * channels, channels, 1),
    )


def _coordinates(level: Tensor) -> Tensor:
    """Return coordinates x, y in -1..1 of every cell, [B, 2, h, w]."""
    x = torch.ones_like(level[:, :1]).cumsum(3)
    y = torch.ones_like(level[:, :1]).cumsum(2)
    return torch.cat([2 * x / (level.shape[3] + 1) - 1, 2 * y / (level.shape[2] + 1) - 1], 1)


def _doubled(level: Tensor) -> Tensor:
    return functional.interpolate(level, scale_factor=2, mode="bilinear", align_corners=False)
