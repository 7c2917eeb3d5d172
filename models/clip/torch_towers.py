"""The image tower of an open_clip ViT, its last attention limited to regions: one forward for all of them."""

import math

import torch
from open_clip.model import resize_pos_embed
from open_clip.transformer import ResidualAttentionBlock, VisionTransformer

from models.clip.attention import finished, projected

LEAST_GRID = 14
"""Patches a side at least: a 7 x 7 grid (ViT-B/32) is too coarse for regions and gets twice the pixels."""

LEAST_COVERAGE = 1e-12
"""Stands for zero under the logarithm: an empty region reads the whole picture, not nothing."""


def reads_regions(visual: torch.nn.Module) -> bool:
    """Whether the image tower is a plain ViT that reads its class token."""
    return (
        isinstance(visual, VisionTransformer)
        and visual.attn_pool is None
        and visual.pool_type == "tok"
        and visual.grid_size[0] == visual.grid_size[1]
        and isinstance(visual.transformer.resblocks[-1], ResidualAttentionBlock)
    )


class RegionTower(torch.nn.Module):
    """Class tokens of regions, by attention limited to them in the last block.

    MaskCLIP attention as compared in Sun et al., 2023 (arXiv 2312.03818, tables 2 and 3), in the last block
    only, so that the blocks before are computed once. There the class token's query attends to patches alone,
    the logarithm of the region's share of each patch added to its logit. The class token's own key is left
    out: its value already sums up the whole photograph.

    Args:
        visual: A tower for which `reads_regions` holds.
    """

    def __init__(self, visual: VisionTransformer) -> None:
        super().__init__()
        trained = visual.grid_size[0]
        self.grid = trained * max(1, math.ceil(LEAST_GRID / trained))
        self.size = self.grid * visual.patch_size[0]
        self._visual = visual
        self._places: torch.Tensor
        self.register_buffer("_places", _places(visual, self.grid), persistent=False)

    def forward(self, pixels: torch.Tensor, coverage: torch.Tensor) -> torch.Tensor:
        """Features [R, D] of regions of a photograph [1, 3, size, size], by coverage [R, grid²], 0..1."""
        blocks = list(self._visual.transformer.resblocks)
        tokens = self._tokens(pixels)
        for block in blocks[:-1]:
            tokens = block(tokens)
        return self._pooled(_read(blocks[-1], tokens, _bias(coverage)))

    def _tokens(self, pixels: torch.Tensor) -> torch.Tensor:
        visual = self._visual
        patches = visual.conv1(pixels).flatten(2).transpose(1, 2)
        class_token = visual.class_embedding.expand(1, 1, -1)
        tokens: torch.Tensor = visual.ln_pre(torch.cat([class_token, patches], dim=1) + self._places)
        return tokens

    def _pooled(self, tokens: torch.Tensor) -> torch.Tensor:
        features: torch.Tensor = self._visual.ln_post(tokens)
        return features if self._visual.proj is None else features @ self._visual.proj


def _places(visual: VisionTransformer, grid: int) -> torch.Tensor:
    """Positional embedding [1 + grid * grid, C], resampled as open_clip does for another input size."""
    state = {"visual.positional_embedding": visual.positional_embedding.detach()}
    resize_pos_embed(state, _Grid(grid))
    return state["visual.positional_embedding"].clone()


class _Grid:
    """What `resize_pos_embed` asks of a model."""

    def __init__(self, grid: int) -> None:
        self.visual = self
        self.grid_size = (grid, grid)


def _bias(coverage: torch.Tensor) -> torch.Tensor:
    """Added to attention logits, [R, P]: log coverage, 0 at the best covered patch."""
    best = coverage.amax(dim=1, keepdim=True).clamp_min(LEAST_COVERAGE)
    return (coverage / best).clamp_min(LEAST_COVERAGE).log()


def _read(block: ResidualAttentionBlock, tokens: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """The class token [R, C] of tokens [1, 1 + P, C] after `block`, once for each bias [R, P]."""
    query, key, value = projected(block.attn, block.ln_1(tokens))
    # One query for all regions, [1, heads, R, P] with their biases.
    logits = (query[:, :, :1] @ key[:, :, 1:].transpose(2, 3)) / math.sqrt(block.attn.head_dim) + bias
    gathered = torch.softmax(logits, dim=-1) @ value[:, :, 1:]
    return finished(block, tokens[:, :1], gathered)[0]
