"""XLM-RoBERTa as the text tower of a CLIP, named as in open_clip's checkpoints, without transformers."""

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from models.clip.tokenizer import PADDING

NORM_EPS = 1e-5


@dataclass(frozen=True)
class XlmRobertaSize:
    """How large the network is; the defaults are XLM-RoBERTa base (Conneau et al., 2020, arXiv 1911.02116).

    Attributes:
        vocabulary: Token ids.
        positions: Rows of the positional embedding; two of them stand for no position.
        width: Of a token's vector.
        layers: How many there are.
        heads: Of each attention.
        hidden: Of the layers between.
    """

    vocabulary: int = 250_002
    positions: int = 514
    width: int = 768
    layers: int = 12
    heads: int = 12
    hidden: int = 3_072


class XlmRobertaTower(nn.Module):
    """Token ids to text features: the encoder, the mean over a text's tokens, two linear layers with a GELU.

    Equal to open_clip's `HFTextEncoder` with `mean_pooler` and the projection `mlp`, whatever the texts are
    padded to: padding has no position, is never attended to and is left out of the mean.

    Args:
        size: Of the encoder.
        features: Of the space that texts share with images.
    """

    def __init__(self, size: XlmRobertaSize, features: int) -> None:
        super().__init__()
        between = (size.width + features) // 2
        self.transformer = _Encoder(size)
        self.proj = nn.Sequential(
            nn.Linear(size.width, between, bias=False), nn.GELU(), nn.Linear(between, features, bias=False)
        )

    @property
    def trims(self) -> bool:
        """Whether ids may end with the longest text of a call: always."""
        return True

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Features [N, D] of token ids int64 [N, T], filled up with PADDING."""
        real = ids != PADDING
        weights = real.unsqueeze(-1).float()
        tokens = self.transformer(ids, real) * weights
        features: torch.Tensor = self.proj(tokens.sum(dim=1) / weights.sum(dim=1))
        return features


class _Encoder(nn.Module):
    def __init__(self, size: XlmRobertaSize) -> None:
        super().__init__()
        self.embeddings = _Embeddings(size)
        self.encoder = nn.ModuleDict({"layer": nn.ModuleList(_Layer(size) for _ in range(size.layers))})

    def forward(self, ids: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        tokens: torch.Tensor = self.embeddings(ids, real)
        for layer in self.encoder["layer"].children():
            tokens = layer(tokens, real[:, None, None, :])
        return tokens


class _Embeddings(nn.Module):
    def __init__(self, size: XlmRobertaSize) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(size.vocabulary, size.width)
        self.position_embeddings = nn.Embedding(size.positions, size.width)
        self.token_type_embeddings = nn.Embedding(1, size.width)
        self.LayerNorm = nn.LayerNorm(size.width, NORM_EPS)

    def forward(self, ids: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        # Positions count a text's own tokens, from the row after the padding's, which has its id.
        counted = real.long()
        places = counted.cumsum(dim=1) * counted + PADDING
        kind = self.token_type_embeddings.weight[0]
        tokens: torch.Tensor = self.LayerNorm(
            self.word_embeddings(ids) + kind + self.position_embeddings(places)
        )
        return tokens


class _Layer(nn.Module):
    """Attention, then two linear layers, each followed by a sum and a norm (post-norm, as in BERT)."""

    def __init__(self, size: XlmRobertaSize) -> None:
        super().__init__()
        self._heads = size.heads
        linears = {name: nn.Linear(size.width, size.width) for name in ("query", "key", "value")}
        self.attention = nn.ModuleDict(
            {"self": nn.ModuleDict(linears), "output": _Sum(size.width, size.width)}
        )
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(size.width, size.hidden)})
        self.output = _Sum(size.hidden, size.width)

    def forward(self, tokens: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        query, key, value = (
            linear(tokens).unflatten(-1, (self._heads, -1)).transpose(1, 2)
            for linear in self.attention["self"].children()
        )
        read = functional.scaled_dot_product_attention(query, key, value, attn_mask=real)
        tokens = self.attention["output"](read.transpose(1, 2).flatten(2), tokens)
        after: torch.Tensor = self.output(functional.gelu(self.intermediate["dense"](tokens)), tokens)
        return after


class _Sum(nn.Module):
    """What a block adds to its input, and the norm of the two."""

    def __init__(self, inner: int, width: int) -> None:
        super().__init__()
        self.dense = nn.Linear(inner, width)
        self.LayerNorm = nn.LayerNorm(width, NORM_EPS)

    def forward(self, inner: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        after: torch.Tensor = self.LayerNorm(self.dense(inner) + tokens)
        return after
