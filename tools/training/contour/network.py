"""The contour network: edges, outlines of objects and what pixels belong to, on EfficientNet-Lite0.

Feature pyramid: Lin et al., CVPR 2017. Side outputs with a fused one: Xie and Tu, "Holistically-Nested
Edge Detection", ICCV 2015. Pixel vectors compared by distance: Fathi et al., "Semantic Instance Segmentation
via Deep Metric Learning", 2017. Backbone: timm's `tf_efficientnet_lite0`.
"""

from dataclasses import dataclass
from pathlib import Path

import timm
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.contour.features import GROUP_COUNT

BACKBONE = "tf_efficientnet_lite0"
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)

VECTOR = 16
"""Length of a pixel's vector."""

REGION_STRIDE = 8
WIDTH = 80
FIRST_REGION_LEVEL = 2


@dataclass(frozen=True)
class Outputs:
    """Of a batch [B, 3, H, W].

    Attributes:
        edges: Logits [B, 1, H, W]: the sides, finest first, then the fused one.
        outlines: The same for outlines of whole objects.
        groups: Logits [B, GROUPS, H / 8, W / 8].
        vectors: [B, VECTOR, H / 8, W / 8]; near for pixels of one object, far for those of two.
    """

    edges: list[Tensor]
    outlines: list[Tensor]
    groups: Tensor
    vectors: Tensor


class BoundaryHead(nn.Module):
    """One logit a pixel from every pyramid level, and a fused one.

    Args:
        levels: How many.
        channels: Of each.
    """

    def __init__(self, levels: int, channels: int) -> None:
        super().__init__()
        self.side = nn.ModuleList(nn.Conv2d(channels, 1, 1) for _ in range(levels))
        self.fuse = nn.Conv2d(levels, 1, 1)
        nn.init.constant_(self.fuse.weight, 0.25)
        nn.init.zeros_(self.fuse.bias)

    def forward(self, pyramid: list[Tensor]) -> list[Tensor]:
        """Logits [B, 1, H, W]: the sides, then the fused one; the finest level has stride 2."""
        sides = [
            _enlarged(side(level), 2 ** (index + 1))
            for index, (side, level) in enumerate(zip(self.side, pyramid, strict=True))
        ]
        return [*sides, self.fuse(torch.cat(sides, 1))]


class RegionHead(nn.Module):
    """Groups and vectors at stride 8 from the deeper levels and the mean of the deepest.

    Args:
        widths: Channels of the levels of strides 8, 16 and 32.
    """

    def __init__(self, widths: list[int]) -> None:
        super().__init__()
        self.lat = nn.ModuleList(nn.Conv2d(width, WIDTH, 1) for width in widths)
        self.whole = nn.Conv2d(widths[-1], WIDTH, 1)
        self.near = nn.Conv2d(WIDTH, WIDTH, 3, padding=1)
        self.far = nn.Conv2d(WIDTH, WIDTH, 3, padding=3, dilation=3)
        self.groups = nn.Conv2d(WIDTH, GROUP_COUNT, 1)
        self.vectors = nn.Conv2d(WIDTH, VECTOR, 1)

    def forward(self, levels: list[Tensor]) -> tuple[Tensor, Tensor]:
        """Groups and vectors of levels of strides 8, 16 and 32."""
        mixed = self.whole(levels[-1].mean((2, 3), keepdim=True))
        for index, (lateral, level) in enumerate(zip(self.lat, levels, strict=True)):
            narrow = lateral(level)
            mixed = mixed + (narrow if index == 0 else _enlarged(narrow, 2**index))
        mixed = functional.relu(self.near(functional.relu(mixed)))
        mixed = mixed + functional.relu(self.far(mixed))
        return self.groups(mixed), self.vectors(mixed)


class ContourNetwork(nn.Module):
    """What every head sees is one body and one pyramid.

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
        self.edges = BoundaryHead(len(widths), channels)
        self.outlines = BoundaryHead(len(widths), channels)
        self.regions = RegionHead(widths[FIRST_REGION_LEVEL:])

    def forward(self, pixels: Tensor) -> Outputs:
        """All outputs of normalised pixels [B, 3, H, W] whose sides are multiples of 32."""
        levels = self.body(pixels)
        pyramid = self._pyramid(levels)
        groups, vectors = self.regions(levels[FIRST_REGION_LEVEL:])
        return Outputs(self.edges(pyramid), self.outlines(pyramid), groups, vectors)

    def _pyramid(self, levels: list[Tensor]) -> list[Tensor]:
        """Finest first."""
        pyramid: list[Tensor] = []
        for index in range(len(levels) - 1, -1, -1):
            lateral = self.lat[index](levels[index])
            if pyramid:
                lateral = lateral + _enlarged(pyramid[0], 2)
            pyramid.insert(0, self.smooth[index](lateral))
        return pyramid


def load_backbone(network: ContourNetwork, path: Path) -> None:
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


def freeze_norms(network: nn.Module) -> None:
    """Let batch norms use their stored statistics while everything else trains."""
    network.train()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()


def _enlarged(level: Tensor, factor: int) -> Tensor:
    return functional.interpolate(level, scale_factor=factor, mode="bilinear", align_corners=False)
