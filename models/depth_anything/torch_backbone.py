"""DINOv2's position embedding at the size of a photograph, in operations that ONNX can repeat at any size."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

INTERPOLATE_OFFSET = 0.1
"""Added to the number of rows and columns before the scale is taken, as DINOv2 and Depth Anything V2 do.

transformers' port adds nothing: its positions differ a little from those the checkpoint was published with.
"""

CUBIC_COEFFICIENT = -0.75
"""The coefficient of torch's bicubic interpolation (Keys 1981)."""


def resample_positions(table: Tensor, rows: int, columns: int) -> Tensor:
    """The embedding of each patch.

    Equal to `interpolate(table, scale_factor=((rows + OFFSET) / G, (columns + OFFSET) / G), mode="bicubic")`
    of the original code, which leaves the table alone where the photograph has exactly its size.

    Args:
        table: float32 [G, G, D], as trained.
        rows: Patches down the photograph; while a graph is traced, a tensor.
        columns: Patches across it.

    Returns:
        float32 [rows, columns, D].
    """
    grid = table.shape[0]
    offset = INTERPOLATE_OFFSET * ((rows != grid) | (columns != grid))
    stretched = _resample_rows(table, rows, grid / (rows + offset))
    return _resample_rows(stretched.transpose(0, 1), columns, grid / (columns + offset)).transpose(0, 1)


def _resample_rows(table: Tensor, count: int, step: float) -> Tensor:
    """[N, M, D] as [count, M, D], `step` rows of it apart; beyond the edges the outermost row goes on."""
    at = (torch.arange(count, device=table.device) + 0.5) * step - 0.5
    first = at.floor()
    taps = first[:, None] + torch.arange(-1, 3, device=table.device)
    weights = _cubic_weight((at[:, None] - taps).abs())
    nearest = taps.clamp(0, table.shape[0] - 1).long()
    return (table[nearest] * weights[..., None, None]).sum(1)


def _cubic_weight(distance: Tensor) -> Tensor:
    """Weight of a tap at a distance of up to 2."""
    near = ((CUBIC_COEFFICIENT + 2) * distance - (CUBIC_COEFFICIENT + 3)) * distance**2 + 1
    far = (
        (CUBIC_COEFFICIENT * distance - 5 * CUBIC_COEFFICIENT) * distance + 8 * CUBIC_COEFFICIENT
    ) * distance - 4 * CUBIC_COEFFICIENT
    return torch.where(distance <= 1, near, far)


PATCH_SIZE_PX = 14

TRAINED_GRID_PATCHES = 37
"""Patches along a side of the 518 x 518 photographs it was trained on."""

LAYER_NORM_EPS = 1e-6


class Attention(nn.Module):
    """Multi-head self-attention with one projection for queries, keys and values."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, tokens: Tensor) -> Tensor:
        """Tokens [1, N, D] to [1, N, D]."""
        query, key, value = self.qkv(tokens).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        attended = functional.scaled_dot_product_attention(query, key, value)
        return self.proj(attended.transpose(1, 2).flatten(2))


class LayerScale(nn.Module):
    """A learned factor a channel."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(width))

    def forward(self, tokens: Tensor) -> Tensor:
        """Tokens [1, N, D] to [1, N, D]."""
        return tokens * self.gamma


class Mlp(nn.Module):
    """Two layers, four times as wide between them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)

    def forward(self, tokens: Tensor) -> Tensor:
        """Tokens [1, N, D] to [1, N, D]."""
        return self.fc2(functional.gelu(self.fc1(tokens)))


class TransformerBlock(nn.Module):
    """Attention and MLP, each normalised before, scaled after and added."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = (nn.LayerNorm(width, eps=LAYER_NORM_EPS) for _ in range(2))
        self.attn, self.mlp = Attention(width, heads), Mlp(width)
        self.ls1, self.ls2 = LayerScale(width), LayerScale(width)

    def forward(self, tokens: Tensor) -> Tensor:
        """Tokens [1, N, D] to [1, N, D]."""
        tokens = tokens + self.ls1(self.attn(self.norm1(tokens)))
        return tokens + self.ls2(self.mlp(self.norm2(tokens)))


class PatchEmbed(nn.Module):
    """Each square of 14 pixels as a vector."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, width, PATCH_SIZE_PX, PATCH_SIZE_PX)

    def forward(self, pixels: Tensor) -> Tensor:
        """Pixels [1, 3, 14 h, 14 w] to [1, D, h, w]."""
        return self.proj(pixels)


class DinoV2(nn.Module):
    """The transformer, read after some of its blocks.

    Args:
        width: Channels D of a token.
        depth: Number of blocks.
        heads: Of each attention.
        taps: Indices of the blocks that are read.
    """

    def __init__(self, width: int, depth: int, heads: int, taps: Sequence[int]) -> None:
        super().__init__()
        self.taps = taps
        self.patch_embed = PatchEmbed(width)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + TRAINED_GRID_PATCHES**2, width))
        self.mask_token = nn.Parameter(torch.zeros(1, width))  # In the checkpoints; only training uses it.
        self.blocks = nn.ModuleList(TransformerBlock(width, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(width, eps=LAYER_NORM_EPS)

    def forward(self, pixels: Tensor) -> list[Tensor]:
        """Normalised patch tokens [1, D, h, w] after each block of `taps`, of pixels [1, 3, 14 h, 14 w]."""
        patches = self.patch_embed(pixels)
        shape = patches.shape
        table = self.pos_embed[0, 1:].unflatten(0, (TRAINED_GRID_PATCHES, TRAINED_GRID_PATCHES))
        placed = patches.flatten(2).transpose(1, 2) + resample_positions(table, shape[2], shape[3]).flatten(
            0, 1
        )
        tokens = torch.cat([self.cls_token + self.pos_embed[:, :1], placed], 1)
        maps = []
        for index, block in enumerate(self.blocks):
            tokens = block(tokens)
            if index in self.taps:
                maps.append(self.norm(tokens)[:, 1:].transpose(1, 2).reshape(shape))
        return maps
