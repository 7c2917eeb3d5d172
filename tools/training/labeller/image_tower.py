"""Defines EfficientNet-Lite2 (Tan and Le, 2019) with ConSE (Norouzi et al., 2013) as a second output."""

from pathlib import Path
from typing import cast

import timm
import torch
from timm.models import EfficientNet
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

LIKELIEST = 20
"""Number of classes whose names ConSE averages."""


class ImageTrunk(nn.Module):
    """Computes pooled features and a ConSE vector of an image.

    Args:
        checkpoint: State dictionary of the published EfficientNet-Lite2 with ImageNet weights.
        names: Unit sentence vectors of the ImageNet class names, float32 [1000, 384].
    """

    def __init__(self, checkpoint: Path, names: Tensor) -> None:
        super().__init__()
        self.net = cast(EfficientNet, timm.create_model("tf_efficientnet_lite2", pretrained=False))
        state = torch.load(checkpoint, map_location="cpu", weights_only=True)
        # The published tensors stand in timm's order, under other names.
        self.net.load_state_dict(dict(zip(self.net.state_dict(), state.values(), strict=True)))
        self.names = nn.Parameter(names)

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Return features [N, 1280] and unit ConSE vectors [N, 384] of normalised pixels [N, 3, H, W].

        A ConSE vector is the mean of the vectors of the likeliest class names, weighted by their probability.
        """
        features = self.net.forward_head(self.net.forward_features(pixels), pre_logits=True)
        logits = self.net.classifier(features)
        top = logits.topk(LIKELIEST, dim=1).values[:, -1:]
        likely = logits.softmax(1) * (logits >= top)
        return features, F.normalize(likely @ self.names, dim=-1)
