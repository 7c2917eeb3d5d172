"""The edge network: a five-level feature pyramid on EfficientNet-Lite0, one edge logit a pixel.

Feature pyramid: Lin et al., CVPR 2017. Side outputs with a fused one: Xie and Tu, "Holistically-Nested
Edge Detection", ICCV 2015. Backbone: timm's `tf_efficientnet_lite0`.
"""

from pathlib import Path

import timm
import torch
from torch import Tensor, nn
from torch.nn import functional

BACKBONE = "tf_efficientnet_lite0"
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


class EdgeNetwork(nn.Module):
    """Edge logits of an image whose sides are multiples of 32.

    Args:
        channels: Of every pyramid level.
    """

    def __init__(self, channels: int = 48) -> None:
        super().__init__()
        self.body = timm.create_model(BACKBONE, pretrained=False, features_only=True)
        widths = self.body.feature_info.channels()
        self.lat = nn.ModuleList(nn.Conv2d(width, channels, 1) for width in widths)
        self.smooth = nn.ModuleList(
            nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1), nn.ReLU()) for _ in widths
        )
        self.side = nn.ModuleList(nn.Conv2d(channels, 1, 1) for _ in widths)
        self.fuse = nn.Conv2d(len(widths), 1, 1)
        nn.init.constant_(self.fuse.weight, 0.25)
        nn.init.zeros_(self.fuse.bias)

    def forward(self, pixels: Tensor) -> tuple[list[Tensor], Tensor]:
        """Side logits, finest first, and fused logits, all [B, 1, H, W], of pixels [B, 3, H, W]."""
        sides: list[Tensor] = []
        finer: Tensor | None = None
        levels = list(enumerate(self.body(pixels)))
        for index, level in reversed(levels):
            lateral = self.lat[index](level)
            if finer is not None:
                lateral = lateral + _enlarged(finer, 2)
            finer = self.smooth[index](lateral)
            sides.insert(0, _enlarged(self.side[index](finer), 2 ** (index + 1)))
        return sides, self.fuse(torch.cat(sides, 1))


def load_backbone(network: EdgeNetwork, path: Path) -> None:
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


def _enlarged(level: Tensor, factor: int) -> Tensor:
    return functional.interpolate(level, scale_factor=factor, mode="bilinear", align_corners=False)
