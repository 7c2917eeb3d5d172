"""The decoder of Depth Anything V2: a dense prediction transformer's head (Ranftl et al. 2021)."""

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional

from models.depth_anything.torch_backbone import PATCH_SIZE_PX

LAST_LAYER_CHANNELS = 32
"""Channels before the last layer."""


class ResidualConvUnit(nn.Module):
    """Two convolutions with the input added."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.conv1, self.conv2 = (nn.Conv2d(features, features, 3, padding=1) for _ in range(2))

    def forward(self, features: Tensor) -> Tensor:
        """[1, F, h, w] to [1, F, h, w]."""
        return features + self.conv2(functional.relu(self.conv1(functional.relu(features))))


class FeatureFusionBlock(nn.Module):
    """Joins what came from coarser maps with the next finer one, and enlarges it."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.resConfUnit1, self.resConfUnit2 = ResidualConvUnit(features), ResidualConvUnit(features)
        self.out_conv = nn.Conv2d(features, features, 1)

    def forward(self, coarse: Tensor, fine: Tensor | None, size: Sequence[int]) -> Tensor:
        """[1, F, h, w], and the finer map of the same size if there is one, to [1, F, *size]."""
        joined = coarse if fine is None else coarse + self.resConfUnit1(fine)
        return self.out_conv(upsample_features(self.resConfUnit2(joined), size))


class DptScratch(nn.Module):
    """The head's layers that no encoder was trained with; named as in the checkpoints.

    Args:
        features: Channels F of all maps that are fused.
        channels: Of each map that comes in, finest first.
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
        """Four maps, the finest [1, C, h, w] first, to [1, F, 2 h, 2 w]; the coarsest is enlarged first."""
        first, second = self.layer1_rn(maps[0]), self.layer2_rn(maps[1])
        third, fourth = self.layer3_rn(maps[2]), self.layer4_rn(maps[3])
        height, width = first.shape[2:]
        joined = self.refinenet4(fourth, None, third.shape[2:])
        joined = self.refinenet3(joined, third, second.shape[2:])
        joined = self.refinenet2(joined, second, first.shape[2:])
        return self.refinenet1(joined, first, (2 * height, 2 * width))


class DptHead(nn.Module):
    """Four maps of the encoder to one of inverse depth.

    Args:
        width: Channels D of the encoder's maps.
        features: Channels F of all maps that are fused.
        channels: Of the four maps before they are, finest first.
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
        """Four maps [1, D, h, w], shallowest first, to inverse depth [1, 1, 14 h, 14 w], not negative."""
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
    """[1, F, h, w] to [1, F, *size], bilinear, corner pixels on corner pixels."""
    return functional.interpolate(features, tuple(size), mode="bilinear", align_corners=True)
