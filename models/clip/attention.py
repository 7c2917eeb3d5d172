"""open_clip's attention written out, so that it can be limited, shortened and exported with free sizes."""

import torch
from open_clip.transformer import ResidualAttentionBlock
from torch.nn import functional


def projected(attention: torch.nn.MultiheadAttention, tokens: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Query, key and value, each [N, heads, T, C / heads], of tokens [N, T, C]."""
    joined = functional.linear(tokens, attention.in_proj_weight, attention.in_proj_bias)
    shape = 3, attention.num_heads, attention.head_dim
    return joined.unflatten(-1, shape).permute(2, 0, 3, 1, 4).unbind()


def finished(block: ResidualAttentionBlock, tokens: torch.Tensor, gathered: torch.Tensor) -> torch.Tensor:
    """Tokens [N, T, C] after a residual block whose heads gathered [N, heads, T, C / heads]."""
    joined = gathered.transpose(1, 2).flatten(2)
    read = tokens + block.ls_1(block.attn.out_proj(joined))
    after: torch.Tensor = read + block.ls_2(block.mlp(block.ln_2(read)))
    return after


def residual(block: ResidualAttentionBlock, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Tokens [N, T, C] after a residual block; `mask` [T, T] is added to the logits."""
    query, key, value = projected(block.attn, block.ln_1(tokens))
    gathered = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
    return finished(block, tokens, gathered)
