"""Depth Anything V2 in torch, from a published checkpoint."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from domain.arrays import Floats
from models.depth_anything.torch_backbone import DinoV2
from models.depth_anything.torch_head import DptHead
from models.runtime.torch import autocast


@dataclass(frozen=True)
class DepthAnythingArchitecture:
    """Sizes of a network.

    Attributes:
        width: Number of channels of a token.
        depth: Number of blocks of the encoder.
        heads: Number of heads of each attention.
        taps: Indices of the blocks that the head reads.
        features: Number of channels of the maps that the head fuses.
        channels: Numbers of channels of the maps before the fusion, finest first.
    """

    width: int
    depth: int
    heads: int
    taps: tuple[int, int, int, int]
    features: int
    channels: tuple[int, int, int, int]


DEPTH_ANYTHING_ARCHITECTURES = {
    "vits": DepthAnythingArchitecture(384, 12, 6, (2, 5, 8, 11), 64, (48, 96, 192, 384))
}
"""Architectures by their names in the original repository."""


class DepthAnything(nn.Module):
    """Network from pixels to relative inverse depth; larger is nearer.

    Args:
        architecture: Sizes of the network.
    """

    def __init__(self, architecture: DepthAnythingArchitecture) -> None:
        super().__init__()
        sizes = architecture
        self.pretrained = DinoV2(sizes.width, sizes.depth, sizes.heads, sizes.taps)
        self.depth_head = DptHead(sizes.width, sizes.features, sizes.channels)

    def forward(self, pixels: Tensor) -> Tensor:
        """Return the inverse depth [h, w] of normalised pixels float32 [1, 3, 14 r, 14 c]."""
        return self.depth_head(self.pretrained(pixels))[0, 0]


def build_depth_anything(architecture: str, checkpoint: Path, device: torch.device) -> DepthAnything:
    """Build the network in evaluation mode.

    Args:
        architecture: Key of DEPTH_ANYTHING_ARCHITECTURES.
        checkpoint: Published .pth file, a state dict.
        device: Device of the weights.

    Raises:
        ValueError: There is no such architecture, or the checkpoint is of another one.
    """
    if architecture not in DEPTH_ANYTHING_ARCHITECTURES:
        raise ValueError(
            f"expected an architecture of {sorted(DEPTH_ANYTHING_ARCHITECTURES)}, got {architecture!r}"
        )
    model = DepthAnything(DEPTH_ANYTHING_ARCHITECTURES[architecture])
    _load_weights(model, checkpoint, architecture)
    return model.eval().requires_grad_(False).to(device)


def _load_weights(model: DepthAnything, checkpoint: Path, architecture: str) -> None:
    weights = torch.load(checkpoint, map_location="cpu", weights_only=True)
    if not isinstance(weights, dict) or not all(isinstance(each, Tensor) for each in weights.values()):
        raise ValueError(f"{checkpoint.name}: expected a dictionary of tensors by name, got something else")
    wrong = {name for name, _ in _shapes(model.state_dict()) ^ _shapes(weights)}
    if wrong:
        raise ValueError(
            f"{checkpoint.name} is not a checkpoint of {architecture}: "
            f"{len(wrong)} tensors are missing, not known or of another shape"
        )
    model.load_state_dict(weights)


def _shapes(weights: Mapping[str, Tensor]) -> set[tuple[str, torch.Size]]:
    return {(name, tensor.shape) for name, tensor in weights.items()}


class TorchDepthAnything:
    """The interface `DepthAnythingNetwork` over torch. It is stateless, so threads can share it.

    Args:
        model: Network on the device that shall compute.
    """

    def __init__(self, model: DepthAnything) -> None:
        self._model = model
        self._device = next(model.parameters()).device

    @classmethod
    def load(
        cls, architecture: str, checkpoint: Path, device: torch.device, threads: int
    ) -> "TorchDepthAnything":
        """Load the network of a published checkpoint.

        Raises:
            ValueError: The checkpoint does not fit the architecture.
        """
        torch.set_num_threads(threads)
        return cls(build_depth_anything(architecture, checkpoint, device))

    @torch.inference_mode()
    def inverse_depth(self, pixels: Floats) -> Floats:
        """Return the inverse depth as `DepthAnythingNetwork` documents, in bfloat16 on a GPU."""
        with autocast(self._device):
            inverse = self._model(torch.from_numpy(pixels).to(self._device))
        return inverse.float().cpu().numpy()
