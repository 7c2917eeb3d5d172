"""EfficientNet-Lite2 (Tan & Le 2019, Lite variant) with ConSE (Norouzi et al. 2013) as a second output."""

from pathlib import Path

import timm
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

LIKELIEST = 20


class ImageTrunk(nn.Module):
    """Pixels to pooled features and to a ConSE vector.

    Args:
        checkpoint: State dictionary of the published EfficientNet-Lite2, ImageNet weights.
        names: float32 [1000, 384], unit sentence vectors of the ImageNet class names.
    """

    def __init__(self, checkpoint: Path, names: Tensor) -> None:
        super().__init__()
        self.net = timm.create_model("tf_efficientnet_lite2", pretrained=False)
        state = torch.load(checkpoint, map_location="cpu", weights_only=True)
        # The published tensors stand in timm's order, under other names.
        self.net.load_state_dict(dict(zip(self.net.state_dict(), state.values(), strict=True)))
        self.names = nn.Parameter(names)

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Normalised pixels float32 [N, 3, S, S] to features [N, 1280] and unit ConSE vectors [N, 384].

        ConSE: the probability-weighted mean of the names of the likeliest classes.
        """
        features = self.net.forward_head(self.net.forward_features(pixels), pre_logits=True)
        logits = self.net.classifier(features)
        top = logits.topk(LIKELIEST, dim=1).values[:, -1:]
        likely = logits.softmax(1) * (logits >= top)
        return features, F.normalize(likely @ self.names, dim=-1)
