"""Towers of CLIP, with open_clip's attention written out so that it can be limited, shortened, exported."""

import math
from typing import Any

import torch
from open_clip.model import resize_pos_embed
from open_clip.transformer import ResidualAttentionBlock, VisionTransformer
from torch.nn import functional


def project_qkv(attention: torch.nn.MultiheadAttention, tokens: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Return query, key and value, each [N, heads, T, C / heads], of tokens [N, T, C]."""
    joined = functional.linear(tokens, attention.in_proj_weight, attention.in_proj_bias)
    shape = 3, attention.num_heads, attention.head_dim
    return joined.unflatten(-1, shape).permute(2, 0, 3, 1, 4).unbind()


def finish_residual_block(
    block: ResidualAttentionBlock, tokens: torch.Tensor, gathered: torch.Tensor
) -> torch.Tensor:
    """Finish a residual block whose heads gathered [N, heads, T, C / heads], and return tokens [N, T, C]."""
    joined = gathered.transpose(1, 2).flatten(2)
    read = tokens + block.ls_1(block.attn.out_proj(joined))
    after: torch.Tensor = read + block.ls_2(block.mlp(block.ln_2(read)))
    return after


def apply_residual_block(
    block: ResidualAttentionBlock, tokens: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    """Apply a residual block to tokens [N, T, C]; `mask` [T, T] is added to the logits."""
    query, key, value = project_qkv(block.attn, block.ln_1(tokens))
    gathered = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
    return finish_residual_block(block, tokens, gathered)


class ClipTextTower(torch.nn.Module):
    """Text tower equal to `encode_text`, without the padding, which no token behind a causal mask attends to.

    Args:
        model: An open_clip CLIP.
    """

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self._text: Any = getattr(model, "text", model)
        self._pool = getattr(model, "text_pool_type", None) or self._text.pool_type

    @property
    def trims_padding(self) -> bool:
        """True if padding can be left out: the tower is causal, plain, and pooled at the end of the text."""
        text = self._text
        plain = all(isinstance(block, ResidualAttentionBlock) for block in text.transformer.resblocks)
        more = getattr(text, "cls_emb", None) is not None or getattr(text, "use_pad_mask", False)
        return plain and not more and text.attn_mask is not None and self._pool == "argmax"

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Return features [N, D] of token ids int64 [N, T]."""
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
"""Lowest number of patches a side: a 7 x 7 grid (ViT-B/32) is too coarse for regions and gets twice the
pixels."""

MIN_COVERAGE = 1e-12
"""Stand-in for zero under the logarithm: an empty region attends to the whole image."""


def supports_regions(visual: torch.nn.Module) -> bool:
    """Return whether the image tower is a plain ViT that pools its class token."""
    return (
        isinstance(visual, VisionTransformer)
        and visual.attn_pool is None
        and visual.pool_type == "tok"
        and visual.grid_size[0] == visual.grid_size[1]
        and isinstance(visual.transformer.resblocks[-1], ResidualAttentionBlock)
    )


class RegionTower(torch.nn.Module):
    """Class tokens of regions, by attention limited to them in the last block.

    This is MaskCLIP attention as compared in Sun et al., 2023 (arXiv 2312.03818, tables 2 and 3), in the last
    block only, so that the blocks before are computed once. There the query of the class token attends to
    patches alone, with the logarithm of the region's share of each patch added to its logit. The class
    token's own key is left out: its value already sums up the whole image.

    Args:
        visual: Image tower for which `supports_regions` is true.
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
        """Return features [R, D] of regions of an image [1, 3, size, size], by coverage [R, grid²], 0..1."""
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
    """Return the positional embedding [1 + grid * grid, C], resampled as open_clip does."""
    state = {"visual.positional_embedding": visual.positional_embedding.detach()}
    resize_pos_embed(state, _GridStub(grid))
    return state["visual.positional_embedding"].clone()


class _GridStub:
    """Attributes of a model that `resize_pos_embed` reads."""

    def __init__(self, grid: int) -> None:
        self.visual = self
        self.grid_size = (grid, grid)


def _coverage_bias(coverage: torch.Tensor) -> torch.Tensor:
    """Return the bias of attention logits, [R, P]: log coverage, 0 at the best covered patch."""
    best = coverage.amax(dim=1, keepdim=True).clamp_min(MIN_COVERAGE)
    return (coverage / best).clamp_min(MIN_COVERAGE).log()


def _attend_to_regions(
    block: ResidualAttentionBlock, tokens: torch.Tensor, bias: torch.Tensor
) -> torch.Tensor:
    """Return the class token [R, C] of tokens [1, 1 + P, C] after `block`, once for each bias [R, P]."""
    query, key, value = project_qkv(block.attn, block.ln_1(tokens))
    # One query for all regions, [1, heads, R, P] with their biases.
    logits = (query[:, :, :1] @ key[:, :, 1:].transpose(2, 3)) / math.sqrt(block.attn.head_dim) + bias
    gathered = torch.softmax(logits, dim=-1) @ value[:, :, 1:]
    return finish_residual_block(block, tokens[:, :1], gathered)[0]
