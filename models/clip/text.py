"""The text tower of an open_clip model, computed no further than the longest text of the batch."""

from typing import Any

import torch
from open_clip.transformer import ResidualAttentionBlock

from models.clip.attention import residual


class TextTower(torch.nn.Module):
    """Equal to `encode_text`: behind a causal mask no token sees the padding after it, so it is not computed.

    Args:
        model: An open_clip CLIP.
    """

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self._text: Any = getattr(model, "text", model)
        self._pool = getattr(model, "text_pool_type", None) or self._text.pool_type

    @property
    def trims(self) -> bool:
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
            tokens = residual(block, tokens, text.attn_mask[:length, :length])
        # The end of a text has the highest id of all tokens.
        ends = ids.argmax(dim=-1)[:, None, None].expand(-1, 1, tokens.shape[-1])
        pooled = text.ln_final(tokens.gather(1, ends)[:, 0])
        projection = text.text_projection
        features: torch.Tensor = (
            projection(pooled) if isinstance(projection, torch.nn.Module) else pooled @ projection
        )
        return features
