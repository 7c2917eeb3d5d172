"""Builds a convolutional network without its last layer, its weights random or of a published checkpoint.

ResNet-18: He et al., CVPR 2016; VGG-16: Simonyan and Zisserman, ICLR 2015; both as torchvision has them.
EfficientNet-Lite0: Tan and Le, ICML 2019, without squeeze and excitation; timm's `tf_efficientnet_lite0`.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

IMAGENET_CLASSES = 1000


class Backbone(nn.Module):
    """Everything but the last layer.

    Args:
        body: Its output is [B, F] or [B, F, 1, 1].
        width: F.
    """

    def __init__(self, body: nn.Module, width: int) -> None:
        super().__init__()
        self.body = body
        self.width = width

    def forward(self, pixels: Tensor) -> Tensor:
        """Features [B, F] of normalised pixels [B, 3, S, S]."""
        features: Tensor = self.body(pixels)
        return features.flatten(1)


def build_network(name: str, checkpoint: Path | None, seed: int) -> Backbone:
    """The network `name` of NETWORKS.

    Args:
        name: Which.
        checkpoint: A state dictionary of the whole classifier over ImageNet; None: random weights.
        seed: Of those.

    Raises:
        ValueError: The checkpoint does not fit the network.
    """
    torch.manual_seed(seed)
    return CNN_BUILDERS[name](checkpoint)


def _resnet18(checkpoint: Path | None) -> Backbone:
    from torchvision.models import resnet18

    network = resnet18()
    if checkpoint:
        _load_state_dict(network, _read_checkpoint(checkpoint))
    width = network.fc.in_features
    network.fc = nn.Identity()
    return Backbone(network, width)


def _vgg16(checkpoint: Path | None) -> Backbone:
    from torchvision.models import vgg16

    network = vgg16()
    if checkpoint:
        _load_state_dict(network, _read_checkpoint(checkpoint))
    width = network.classifier[-1].in_features
    network.classifier = network.classifier[:-1]
    return Backbone(network, width)


def _efficientnet_lite0(checkpoint: Path | None) -> Backbone:
    import timm

    network: Any = timm.create_model("tf_efficientnet_lite0", num_classes=IMAGENET_CLASSES)
    if checkpoint:
        # The tensors of the package's file are in timm's order under other names.
        tensors, names = _read_checkpoint(checkpoint), network.state_dict().keys()
        if len(tensors) != len(names):
            raise ValueError(f"expected {len(names)} tensors, got {len(tensors)}")
        _load_state_dict(network, dict(zip(names, tensors.values(), strict=True)))
    width: int = network.num_features
    network.reset_classifier(0)
    return Backbone(network, width)


def _read_checkpoint(checkpoint: Path) -> dict[str, Tensor]:
    try:
        found = torch.load(checkpoint, map_location="cpu", weights_only=True)
    except Exception as error:  # nearly any type, for a file that is none
        raise ValueError(str(error).splitlines()[0]) from error
    if not isinstance(found, Mapping):
        raise ValueError(f"expected a state dictionary, got {type(found).__name__}")
    return dict(found)


def _load_state_dict(network: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise ValueError(str(error).splitlines()[0]) from error


CNN_BUILDERS: Mapping[str, Callable[[Path | None], Backbone]] = {
    "resnet18": _resnet18,
    "vgg16": _vgg16,
    "efficientnet-lite0": _efficientnet_lite0,
}
