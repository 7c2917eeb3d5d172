"""Defines the contour network, which predicts edges, outlines of objects and groups of pixels.

Feature pyramid: Lin et al., CVPR 2017. Side outputs with a fused one: Xie and Tu, "Holistically-Nested
Edge Detection", ICCV 2015. Pixel vectors compared by distance: Fathi et al., "Semantic Instance Segmentation
via Deep Metric Learning", 2017.
"""

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.contour.features import GROUP_COUNT
from tools.training.backbone import feature_body

VECTOR = 16
"""Length of the vector of a pixel."""

REGION_STRIDE = 8
"""Pixels of the image, each way, for one group and one vector."""

WIDTH = 80
"""Number of channels inside the region head."""

FIRST_REGION_LEVEL = 2
"""Index of the body's output of stride REGION_STRIDE."""


@dataclass(frozen=True)
class Outputs:
    """The outputs for a batch [B, 3, H, W].

    Attributes:
        edges: Logits [B, 1, H, W] of each side output, the finest first, and of the fused output.
        outlines: Logits as in `edges`, for the outlines of whole objects.
        groups: Logits [B, GROUPS, H / 8, W / 8].
        vectors: float32 [B, VECTOR, H / 8, W / 8]; near for pixels of one object, far for those of two.
    """

    edges: list[Tensor]
    outlines: list[Tensor]
    groups: Tensor
    vectors: Tensor


class BoundaryHead(nn.Module):
    """Predicts one logit per pixel from every pyramid level, and one fused from them.

    Args:
        levels: Number of levels.
        channels: Number of channels of each level.
    """

    def __init__(self, levels: int, channels: int) -> None:
        super().__init__()
        self.side = nn.ModuleList(nn.Conv2d(channels, 1, 1) for _ in range(levels))
        self.fuse = nn.Conv2d(levels, 1, 1)
        nn.init.constant_(self.fuse.weight, 0.25)
        nn.init.zeros_(cast(Tensor, self.fuse.bias))

    def forward(self, pyramid: list[Tensor]) -> list[Tensor]:
        """Return logits [B, 1, H, W] of each side output and the fused one; the finest level has stride 2."""
        sides = [
            _enlarged(side(level), 2 ** (index + 1))
            for index, (side, level) in enumerate(zip(self.side, pyramid, strict=True))
        ]
        return [*sides, self.fuse(torch.cat(sides, 1))]


class RegionHead(nn.Module):
    """Predicts groups and vectors at stride 8 from the deeper levels and the mean of the deepest.

    Args:
        widths: Numbers of channels of the levels of strides 8, 16 and 32.
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
        """Return groups and vectors [B, C, H / 8, W / 8] of levels of strides 8, 16 and 32."""
        mixed = self.whole(levels[-1].mean((2, 3), keepdim=True))
        for index, (lateral, level) in enumerate(zip(self.lat, levels, strict=True)):
            narrow = lateral(level)
            mixed = mixed + (narrow if index == 0 else _enlarged(narrow, 2**index))
        mixed = functional.relu(self.near(functional.relu(mixed)))
        mixed = mixed + functional.relu(self.far(mixed))
        return self.groups(mixed), self.vectors(mixed)


class ContourNetwork(nn.Module):
    """Feeds all heads from one body and one pyramid.

    Args:
        channels: Number of channels of every pyramid level.
    """

    def __init__(self, channels: int = 48) -> None:
        super().__init__()
        self.body, widths = feature_body()
        self.lat = nn.ModuleList(nn.Conv2d(width, channels, 1) for width in widths)
        self.smooth = nn.ModuleList(
            nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1), nn.ReLU()) for _ in widths
        )
        self.edges = BoundaryHead(len(widths), channels)
        self.outlines = BoundaryHead(len(widths), channels)
        self.regions = RegionHead(widths[FIRST_REGION_LEVEL:])

    def forward(self, pixels: Tensor) -> Outputs:
        """Return all outputs for normalised pixels [B, 3, H, W] whose sides are multiples of 32."""
        levels = self.body(pixels)
        pyramid = self._pyramid(levels)
        groups, vectors = self.regions(levels[FIRST_REGION_LEVEL:])
        return Outputs(self.edges(pyramid), self.outlines(pyramid), groups, vectors)

    def _pyramid(self, levels: list[Tensor]) -> list[Tensor]:
        """Return the pyramid, finest level first."""
        pyramid: list[Tensor] = []
        for index in range(len(levels) - 1, -1, -1):
            lateral = self.lat[index](levels[index])
            if pyramid:
                lateral = lateral + _enlarged(pyramid[0], 2)
            pyramid.insert(0, self.smooth[index](lateral))
        return pyramid


def _enlarged(level: Tensor, factor: int) -> Tensor:
    return functional.interpolate(level, scale_factor=factor, mode="bilinear", align_corners=False)
