"""Image tokens and mask tokens to mask logits."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.sam2.image_tower import FRAME

SIDE = 4 * FRAME


class MaskTower(nn.Module):
    """Meta's upscaling as matrix products on tokens.

    A transposed convolution with stride 2 and kernel 2 is one product that gives each token four
    children. They stay next to their parent, so that nothing is moved until the logits are laid out.

    Args:
        model: Meta's SAM2Base.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.first, self.norm, _, self.second, _ = model.sam_mask_decoder.output_upscaling

    def forward(self, image: Tensor, weights: Tensor, fine: Tensor, finest: Tensor) -> Tensor:
        """Logits [B, M, 256, 256].

        Args:
            image: [B, 4096, 256] from the prompt tower.
            weights: [B, M, 32] from the prompt tower.
            fine: [16384, 64] from the image tower.
            finest: [65536, 32] from it.
        """
        doubled = self._children(self.first, image) + fine
        norm = self.norm
        doubled = functional.gelu(
            functional.layer_norm(doubled, (self.second.in_channels,), norm.weight, norm.bias, norm.eps)
        )
        quadrupled = functional.gelu(self._children(self.second, doubled) + finest)
        return _laid_out(torch.matmul(weights, quadrupled.transpose(1, 2)))

    @staticmethod
    def _children(layer: Any, tokens: Tensor) -> Tensor:
        """[B, N, C] to [B, 4 N, D]: the four children of each token, row by row, without the bias."""
        weight = layer.weight.permute(0, 2, 3, 1).flatten(1)
        return (tokens @ weight).reshape(tokens.shape[0], -1, layer.out_channels)


def _laid_out(logits: Tensor) -> Tensor:
    """[B, M, 64 * 64 * 2 * 2 * 2 * 2] to [B, M, 256, 256]."""
    axes = logits.unflatten(2, (FRAME, FRAME, 2, 2, 2, 2)).permute(0, 1, 2, 4, 6, 3, 5, 7)
    return axes.reshape(logits.shape[0], -1, SIDE, SIDE)
