"""Decoder of Depth Anything V2: the head of a dense prediction transformer (Ranftl et al. 2021)."""

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional

from models.depth_anything.torch_backbone import PATCH_SIZE_PX

LAST_LAYER_CHANNELS = 32
"""Number of channels before the last layer."""


class ResidualConvUnit(nn.Module):
    """Two convolutions with the input added."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.conv1, self.conv2 = (nn.Conv2d(features, features, 3, padding=1) for _ in range(2))

    def forward(self, features: Tensor) -> Tensor:
        """Map [1, F, h, w] to [1, F, h, w]."""
        return features + self.conv2(functional.relu(self.conv1(functional.relu(features))))


class FeatureFusionBlock(nn.Module):
    """Adds the next finer map to the fused coarser ones, and enlarges the sum."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.resConfUnit1, self.resConfUnit2 = ResidualConvUnit(features), ResidualConvUnit(features)
        self.out_conv = nn.Conv2d(features, features, 1)

    def forward(self, coarse: Tensor, fine: Tensor | None, size: Sequence[int]) -> Tensor:
        """Fuse [1, F, h, w] with the finer map of that size, if there is one, to [1, F, *size]."""
        joined = coarse if fine is None else coarse + self.resConfUnit1(fine)
        return self.out_conv(upsample_features(self.resConfUnit2(joined), size))


class DptScratch(nn.Module):
    """Layers of the head that were trained from scratch; named as in the checkpoints.

    Args:
        features: Number F of channels of the maps that are fused.
        channels: Numbers of channels of the input maps, finest first.
    """

    def __init__(self, features: int, channels: Sequence[int]) -> None:
        super().__init__()
        self.layer1_rn, self.layer2_rn, self.layer3_rn, self.layer4_rn = (
            nn.Conv2d(count, features, 3, padding=1, bias=False) for count in channels
        )
        self.refinenet1, self.refinenet2, self.refinenet3, self.refinenet4 = (
            FeatureFusionBlock(features) for _ in range(4)
        )
        self.output_conv1 = nn.Conv2d(features, features // 2, 3, padding=1)
        self.output_conv2 = nn.Sequential(
            nn.Conv2d(features // 2, LAST_LAYER_CHANNELS, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(LAST_LAYER_CHANNELS, 1, 1),
            nn.ReLU(),
        )

    def fused(self, maps: Sequence[Tensor]) -> Tensor:
        """Fuse four maps, the finest [1, C, h, w] first, to [1, F, 2 h, 2 w]."""
        first, second = self.layer1_rn(maps[0]), self.layer2_rn(maps[1])
        third, fourth = self.layer3_rn(maps[2]), self.layer4_rn(maps[3])
        height, width = first.shape[2:]
        joined = self.refinenet4(fourth, None, third.shape[2:])
        joined = self.refinenet3(joined, third, second.shape[2:])
        joined = self.refinenet2(joined, second, first.shape[2:])
        return self.refinenet1(joined, first, (2 * height, 2 * width))


class DptHead(nn.Module):
    """Head from four maps of the encoder to one map of inverse depth.

    Args:
        width: Number D of channels of the encoder's maps.
        features: Number F of channels of the maps that are fused.
        channels: Numbers of channels of the four maps before the fusion, finest first.
    """

    def __init__(self, width: int, features: int, channels: Sequence[int]) -> None:
        super().__init__()
        self.projects = nn.ModuleList(nn.Conv2d(width, count, 1) for count in channels)
        first, second, _, last = channels
        self.resize_layers = nn.ModuleList(
            [
                nn.ConvTranspose2d(first, first, 4, 4),
                nn.ConvTranspose2d(second, second, 2, 2),
                nn.Identity(),
                nn.Conv2d(last, last, 3, 2, 1),
            ]
        )
        self.scratch = DptScratch(features, channels)

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        """Map four maps [1, D, h, w], shallowest first, to inverse depth [1, 1, 14 h, 14 w], not negative."""
        rows, columns = maps[0].shape[2:]
        resized = [
            resize(project(each))
            for resize, project, each in zip(self.resize_layers, self.projects, maps, strict=True)
        ]
        fused = self.scratch.output_conv1(self.scratch.fused(resized))
        return self.scratch.output_conv2(
            upsample_features(fused, (rows * PATCH_SIZE_PX, columns * PATCH_SIZE_PX))
        )


def upsample_features(features: Tensor, size: Sequence[int]) -> Tensor:
    """Resize [1, F, h, w] to [1, F, *size], bilinear, corner pixels on corner pixels."""
    return functional.interpolate(features, tuple(size), mode="bilinear", align_corners=True)
