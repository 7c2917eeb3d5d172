"""XLM-RoBERTa as the text tower of a CLIP, named as in open_clip's checkpoints, without transformers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import open_clip
import torch
from open_clip.factory import load_state_dict
from open_clip.tokenizer import DEFAULT_CONTEXT_LENGTH
from torch import nn
from torch.nn import functional

from models.clip.tokenizer import PAD_TOKEN_ID

LAYER_NORM_EPS = 1e-5


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
    def trims_padding(self) -> bool:
        """Whether ids may end with the longest text of a call: always."""
        return True

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Features [N, D] of token ids int64 [N, T], filled up with PADDING."""
        real = ids != PAD_TOKEN_ID
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
        self.LayerNorm = nn.LayerNorm(size.width, LAYER_NORM_EPS)

    def forward(self, ids: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        # Positions count a text's own tokens, from the row after the padding's, which has its id.
        counted = real.long()
        places = counted.cumsum(dim=1) * counted + PAD_TOKEN_ID
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
            {"self": nn.ModuleDict(linears), "output": _ResidualNorm(size.width, size.width)}
        )
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(size.width, size.hidden)})
        self.output = _ResidualNorm(size.hidden, size.width)

    def forward(self, tokens: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        query, key, value = (
            linear(tokens).unflatten(-1, (self._heads, -1)).transpose(1, 2)
            for linear in self.attention["self"].children()
        )
        read = functional.scaled_dot_product_attention(query, key, value, attn_mask=real)
        tokens = self.attention["output"](read.transpose(1, 2).flatten(2), tokens)
        after: torch.Tensor = self.output(functional.gelu(self.intermediate["dense"](tokens)), tokens)
        return after


class _ResidualNorm(nn.Module):
    """What a block adds to its input, and the norm of the two."""

    def __init__(self, inner: int, width: int) -> None:
        super().__init__()
        self.dense = nn.Linear(inner, width)
        self.LayerNorm = nn.LayerNorm(width, LAYER_NORM_EPS)

    def forward(self, inner: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        after: torch.Tensor = self.LayerNorm(self.dense(inner) + tokens)
        return after


XLM_ROBERTA_SIZES: Mapping[str, XlmRobertaSize] = {"xlm-roberta-base": XlmRobertaSize()}
"""Text towers that can be built, by the name that open_clip's descriptions have for them."""

PLACEHOLDER_TEXT_CONFIG = {"width": 64, "heads": 1, "layers": 1, "vocab_size": 1}
"""A text tower for open_clip to build and us to replace: its own for these needs transformers."""

WORD_EMBEDDINGS_KEY = "text.transformer.embeddings.word_embeddings.weight"

POSITION_IDS_KEY = "text.transformer.embeddings.position_ids"
"""Among the weights in old files: the numbers from 0 on, which transformers kept there until 4.31."""


def build_multilingual(config: Mapping[str, Any], size: XlmRobertaSize) -> torch.nn.Module:
    """The model with random weights, its tokens limited as open_clip's tokenizer for it limits them.

    Args:
        config: open_clip's description of the architecture.
        size: Of the text tower.
    """
    model: Any = open_clip.CustomTextCLIP(config["embed_dim"], config["vision_cfg"], PLACEHOLDER_TEXT_CONFIG)
    model.text = XlmRobertaTower(size, config["embed_dim"])
    model.context_length = config["text_cfg"].get("context_length", DEFAULT_CONTEXT_LENGTH)
    return cast(torch.nn.Module, model)


def load_multilingual(path: Path, config: Mapping[str, Any], size: XlmRobertaSize) -> torch.nn.Module:
    """The model with the weights of a .pt, .bin or .safetensors file, in float32 on the CPU.

    It has as many tokens as the file: a quarter of a million in the published ones, fewer where a vocabulary
    was cut down to some languages.

    Raises:
        RuntimeError: The weights are those of another architecture.
    """
    state: dict[str, torch.Tensor] = load_state_dict(str(path), weights_only=True)
    state.pop(POSITION_IDS_KEY, None)
    words = len(state[WORD_EMBEDDINGS_KEY]) if WORD_EMBEDDINGS_KEY in state else size.vocabulary
    # Built without memory of its own: the file's tensors become the weights.
    with torch.device("meta"):
        model = build_multilingual(config, replace(size, vocabulary=words))
    model.load_state_dict(state, assign=True)
    return model.float()
