"""EfficientNet-Lite0 (Tan and Le, 2019, Lite variant) as the body of the trained networks.

The architecture is timm's `tf_efficientnet_lite0`; its ImageNet weights come from a file.
"""

from pathlib import Path
from typing import cast

import timm
import torch
from timm.models import FeatureInfo
from torch import Tensor, nn

BACKBONE = "tf_efficientnet_lite0"
MEAN = (0.485, 0.456, 0.406)
"""Mean of the ImageNet pixels, RGB in 0..1."""

STD = (0.229, 0.224, 0.225)
"""Standard deviation of the ImageNet pixels, RGB in 0..1."""


def feature_body() -> tuple[nn.Module, list[int]]:
    """Return the untrained body, and the channels of its five outputs of strides 2, 4, 8, 16 and 32."""
    body = timm.create_model(BACKBONE, pretrained=False, features_only=True)
    return body, [int(width) for width in cast(FeatureInfo, body.feature_info).channels()]


def load_backbone(body: nn.Module, path: Path) -> None:
    """Copy ImageNet weights into a body.

    The tensors of the file are in timm's order under other names.

    Args:
        body: Is changed in place.
        path: A state dictionary with the 296 tensors of the classifier.
    """
    classifier = timm.create_model(BACKBONE, pretrained=False)
    tensors = torch.load(path, map_location="cpu", weights_only=True).values()
    names = classifier.state_dict().keys()
    body.load_state_dict(dict(zip(names, tensors, strict=True)), strict=False)


def freeze_norms(network: nn.Module) -> None:
    """Set the network to training, except for its batch norms, which use their stored statistics."""
    network.train()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()


class Normalise(nn.Module):
    """Normalises raw pixels as the body expects them."""

    mean: Tensor
    std: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1) * 255)
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1) * 255)

    def forward(self, rgb: Tensor) -> Tensor:
        """Return float32 [1, 3, H, W] of an image uint8 [H, W, 3]."""
        return (rgb.permute(2, 0, 1).unsqueeze(0).float() - self.mean) / self.std
