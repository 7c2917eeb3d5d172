"""open_clip's attention written out, so that it can be limited, shortened and exported with free sizes."""

import math
from typing import Any

import torch
from open_clip.model import resize_pos_embed
from open_clip.transformer import ResidualAttentionBlock, VisionTransformer
from torch.nn import functional


def project_qkv(attention: torch.nn.MultiheadAttention, tokens: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Query, key and value, each [N, heads, T, C / heads], of tokens [N, T, C]."""
    joined = functional.linear(tokens, attention.in_proj_weight, attention.in_proj_bias)
    shape = 3, attention.num_heads, attention.head_dim
    return joined.unflatten(-1, shape).permute(2, 0, 3, 1, 4).unbind()


def finish_residual_block(
    block: ResidualAttentionBlock, tokens: torch.Tensor, gathered: torch.Tensor
) -> torch.Tensor:
    """Tokens [N, T, C] after a residual block whose heads gathered [N, heads, T, C / heads]."""
    joined = gathered.transpose(1, 2).flatten(2)
    read = tokens + block.ls_1(block.attn.out_proj(joined))
    after: torch.Tensor = read + block.ls_2(block.mlp(block.ln_2(read)))
    return after


def apply_residual_block(
    block: ResidualAttentionBlock, tokens: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    """Tokens [N, T, C] after a residual block; `mask` [T, T] is added to the logits."""
    query, key, value = project_qkv(block.attn, block.ln_1(tokens))
    gathered = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
    return finish_residual_block(block, tokens, gathered)


class ClipTextTower(torch.nn.Module):
    """Equal to `encode_text`: behind a causal mask no token sees the padding after it, so it is not computed.

    Args:
        model: An open_clip CLIP.
    """

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self._text: Any = getattr(model, "text", model)
        self._pool = getattr(model, "text_pool_type", None) or self._text.pool_type

    @property
    def trims_padding(self) -> bool:
        """Whether the model is one for which this holds: causal, plain, and pooled at the end of the text."""
        text = self._text
        plain = all(isinstance(block, ResidualAttentionBlock) for block in text.transformer.resblocks)
        more = getattr(text, "cls_emb", None) is not None or getattr(text, "use_pad_mask", False)
        return plain and not more and text.attn_mask is not None and self._pool == "argmax"

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Features [N, D] of token ids int64 [N, T]."""
        text, length = self._text, ids.shape[1]
        tokens = text.token_embedding(ids) + text.positional_embedding[:length]
        for block in text.transformer.resblocks:
            tokens = apply_residual_block(block, tokens, text.attn_mask[:length, :length])
        # The end of a text has the highest id of all tokens.
        ends = ids.argmax(dim=-1)[:, None, None].expand(-1, 1, tokens.shape[-1])
        pooled = text.ln_final(tokens.gather(1, ends)[:, 0])
        projection = text.text_projection
        features: torch.Tensor = (
            projection(pooled) if isinstance(projection, torch.nn.Module) else pooled @ projection
        )
        return features


MIN_GRID_PATCHES = 14
"""Patches a side at least: a 7 x 7 grid (ViT-B/32) is too coarse for regions and gets twice the pixels."""

MIN_COVERAGE = 1e-12
"""Stands for zero under the logarithm: an empty region reads the whole picture, not nothing."""


def supports_regions(visual: torch.nn.Module) -> bool:
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
        visual: A tower for which `supports_regions` holds.
    """

    def __init__(self, visual: VisionTransformer) -> None:
        super().__init__()
        trained = visual.grid_size[0]
        self.grid = trained * max(1, math.ceil(MIN_GRID_PATCHES / trained))
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
        return self._pooled(_attend_to_regions(blocks[-1], tokens, _coverage_bias(coverage)))

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
    resize_pos_embed(state, _GridStub(grid))
    return state["visual.positional_embedding"].clone()


class _GridStub:
    """What `resize_pos_embed` asks of a model."""

    def __init__(self, grid: int) -> None:
        self.visual = self
        self.grid_size = (grid, grid)


def _coverage_bias(coverage: torch.Tensor) -> torch.Tensor:
    """Added to attention logits, [R, P]: log coverage, 0 at the best covered patch."""
    best = coverage.amax(dim=1, keepdim=True).clamp_min(MIN_COVERAGE)
    return (coverage / best).clamp_min(MIN_COVERAGE).log()


def _attend_to_regions(
    block: ResidualAttentionBlock, tokens: torch.Tensor, bias: torch.Tensor
) -> torch.Tensor:
    """The class token [R, C] of tokens [1, 1 + P, C] after `block`, once for each bias [R, P]."""
    query, key, value = project_qkv(block.attn, block.ln_1(tokens))
    # One query for all regions, [1, heads, R, P] with their biases.
    logits = (query[:, :, :1] @ key[:, :, 1:].transpose(2, 3)) / math.sqrt(block.attn.head_dim) + bias
    gathered = torch.softmax(logits, dim=-1) @ value[:, :, 1:]
    return finish_residual_block(block, tokens[:, :1], gathered)[0]
