"""The depth network: a feature pyramid on EfficientNet-Lite0, one relative inverse depth a pixel.

Feature pyramid: Lin et al., CVPR 2017. Pixel coordinates go in beside the features, as in CoordConv (Liu et
al., NeurIPS 2018), because where a pixel lies says much about how far it is. Backbone: timm's
`tf_efficientnet_lite0`.
"""

from pathlib import Path

import timm
import torch
from torch import Tensor, nn
from torch.nn import functional

BACKBONE = "tf_efficientnet_lite0"
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
FROZEN = ("body.conv_stem", "body.bn1", "body.blocks.0", "body.blocks.1")
"""The first layers keep their ImageNet weights: training them costs most and gains least."""


class DepthNetwork(nn.Module):
    """Relative inverse depth at half the size of an image whose sides are multiples of 32.

    Args:
        channels: Of every pyramid level.
    """

    def __init__(self, channels: int = 56) -> None:
        super().__init__()
        self.body = timm.create_model(BACKBONE, pretrained=False, features_only=True)
        widths = self.body.feature_info.channels()[1:]
        self.lat = nn.ModuleList(nn.Conv2d(width + 2, channels, 1) for width in widths)
        self.overall = nn.Linear(widths[-1], channels)
        self.smooth = nn.ModuleList(_separable(channels) for _ in widths)
        self.finest = nn.Conv2d(self.body.feature_info.channels()[0], channels // 2, 1)
        self.reduce = nn.Conv2d(channels, channels // 2, 1)
        self.head = nn.Sequential(
            nn.ReLU(),
            nn.Conv2d(channels // 2, channels // 2, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(channels // 2, 1, 1),
        )

    def forward(self, pixels: Tensor) -> Tensor:
        """[B, 1, H / 2, W / 2], larger = nearer, of pixels [B, 3, H, W]."""
        finest, *levels = self.body(pixels)
        merged = self.overall(levels[-1].mean((2, 3)))[:, :, None, None]
        for index in reversed(range(len(levels))):
            level = levels[index]
            lateral = self.lat[index](torch.cat([level, _coordinates(level)], 1))
            merged = merged if index == len(levels) - 1 else _doubled(merged)
            merged = self.smooth[index](lateral + merged)
        output: Tensor = self.head(_doubled(self.reduce(merged)) + self.finest(finest))
        return output


def load_backbone(network: DepthNetwork, path: Path) -> None:
    """Copy ImageNet weights of EfficientNet-Lite0 into the body.

    The tensors of the file are in timm's order under other names.

    Args:
        network: Changed in place.
        path: A state dictionary with the 296 tensors of the classifier.
    """
    classifier = timm.create_model(BACKBONE, pretrained=False)
    tensors = torch.load(path, map_location="cpu", weights_only=True).values()
    names = classifier.state_dict().keys()
    network.body.load_state_dict(dict(zip(names, tensors, strict=True)), strict=False)


def freeze(network: DepthNetwork) -> None:
    """Fix the first layers, and let every batch norm use its stored statistics."""
    network.train()
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(not name.startswith(FROZEN))
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()


def _separable(channels: int) -> nn.Module:
    """5x5 a channel, then across channels, twice as wide inside."""
    return nn.Sequential(
        nn.ReLU(),
        nn.Conv2d(channels, channels, 5, padding=2, groups=channels),
        nn.Conv2d(channels, 2 * channels, 1),
        nn.ReLU(),
        nn.Conv2d(2 * channels, channels, 1),
    )


def _coordinates(level: Tensor) -> Tensor:
    """Coordinates x, y in -1..1 of every cell, [B, 2, h, w]."""
    x = torch.ones_like(level[:, :1]).cumsum(3)
    y = torch.ones_like(level[:, :1]).cumsum(2)
    return torch.cat([2 * x / (level.shape[3] + 1) - 1, 2 * y / (level.shape[2] + 1) - 1], 1)


def _doubled(level: Tensor) -> Tensor:
    return functional.interpolate(level, scale_factor=2, mode="bilinear", align_corners=False)
