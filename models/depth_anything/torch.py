"""Builds Depth Anything V2 from a published checkpoint."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from models.depth_anything.torch_backbone import DinoV2
from models.depth_anything.torch_head import Head


@dataclass(frozen=True)
class Architecture:
    """Sizes of a network.

    Attributes:
        width: Channels of a token.
        depth: Blocks of the encoder.
        heads: Of each attention.
        taps: Indices of the blocks that the head reads.
        features: Channels of the maps that the head fuses.
        channels: Of the maps before that, finest first.
    """

    width: int
    depth: int
    heads: int
    taps: tuple[int, int, int, int]
    features: int
    channels: tuple[int, int, int, int]


ARCHITECTURES = {"vits": Architecture(384, 12, 6, (2, 5, 8, 11), 64, (48, 96, 192, 384))}
"""By the names of the original repository."""


class DepthAnything(nn.Module):
    """Pixels to relative inverse depth; larger is nearer.

    Args:
        architecture: Its sizes.
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        sizes = architecture
        self.pretrained = DinoV2(sizes.width, sizes.depth, sizes.heads, sizes.taps)
        self.depth_head = Head(sizes.width, sizes.features, sizes.channels)

    def forward(self, pixels: Tensor) -> Tensor:
        """Normalised pixels float32 [1, 3, h, w], sides multiples of 14, to [h, w]."""
        return self.depth_head(self.pretrained(pixels))[0, 0]


def build(architecture: str, checkpoint: Path, device: torch.device) -> DepthAnything:
    """The network, in evaluation mode.

    Args:
        architecture: A key of ARCHITECTURES.
        checkpoint: A published .pth file, a state dict.
        device: Where it computes.

    Raises:
        ValueError: There is no such architecture, or the checkpoint is not of it.
    """
    if architecture not in ARCHITECTURES:
        raise ValueError(f"expected an architecture of {sorted(ARCHITECTURES)}, got {architecture!r}")
    model = DepthAnything(ARCHITECTURES[architecture])
    _load(model, checkpoint, architecture)
    return model.eval().requires_grad_(False).to(device)


def _load(model: DepthAnything, checkpoint: Path, architecture: str) -> None:
    weights = torch.load(checkpoint, map_location="cpu", weights_only=True)
    if not isinstance(weights, dict) or not all(isinstance(each, Tensor) for each in weights.values()):
        raise ValueError(f"{checkpoint.name}: expected tensors by name, got something else")
    wrong = {name for name, _ in _shapes(model.state_dict()) ^ _shapes(weights)}
    if wrong:
        raise ValueError(
            f"{checkpoint.name} is not a checkpoint of {architecture}: "
            f"{len(wrong)} tensors are missing, not known or of another shape"
        )
    model.load_state_dict(weights)


def _shapes(weights: Mapping[str, Tensor]) -> set[tuple[str, torch.Size]]:
    return {(name, tensor.shape) for name, tensor in weights.items()}
