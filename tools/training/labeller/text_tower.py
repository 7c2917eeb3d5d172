"""Defines all-MiniLM-L6-v2 (Wang et al., 2020; sentence-transformers) as a torch module for export."""

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

HEADS, WIDTH, LAYERS, EPSILON = 12, 384, 6, 1e-12


class Layer(nn.Module):
    """One post-norm transformer layer of BERT (Devlin et al. 2019).

    Args:
        state: State dictionary of the published model.
        index: Number of the layer, counted from 0.
    """

    def __init__(self, state: dict[str, Tensor], index: int) -> None:
        super().__init__()
        prefix = f"encoder.layer.{index}."
        attention = prefix + "attention."
        self.query = _linear(state, attention + "self.query")
        self.key = _linear(state, attention + "self.key")
        self.value = _linear(state, attention + "self.value")
        self.mix = _linear(state, attention + "output.dense")
        self.mix_norm = _norm(state, attention + "output.LayerNorm")
        self.widen = _linear(state, prefix + "intermediate.dense")
        self.narrow = _linear(state, prefix + "output.dense")
        self.norm = _norm(state, prefix + "output.LayerNorm")

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        """Return tokens [N, T, WIDTH] of such tokens; `bias` [N, 1, 1, T] is very negative at padding."""
        query, key, value = (self._split(f(x)) for f in (self.query, self.key, self.value))
        weights = (query @ key.transpose(2, 3) * (WIDTH // HEADS) ** -0.5 + bias).softmax(-1)
        mixed = (weights @ value).transpose(1, 2).flatten(2)
        x = self.mix_norm(x + self.mix(mixed))
        output: Tensor = self.norm(x + self.narrow(F.gelu(self.widen(x))))
        return output

    def _split(self, x: Tensor) -> Tensor:
        heads: Tensor = x.unflatten(2, (HEADS, WIDTH // HEADS))
        return heads.transpose(1, 2)


class TextTower(nn.Module):
    """Computes unit sentence vectors of token ids.

    Args:
        checkpoint: model.safetensors of the published model.
    """

    def __init__(self, checkpoint: Path) -> None:
        super().__init__()
        state = load_file(checkpoint)
        self.words = nn.Parameter(state["embeddings.word_embeddings.weight"])
        # Every token is of segment 0, so that segment's vector joins the positions.
        segment = state["embeddings.token_type_embeddings.weight"][:1]
        self.positions = nn.Parameter(state["embeddings.position_embeddings.weight"] + segment)
        self.norm = _norm(state, "embeddings.LayerNorm")
        self.layers = nn.ModuleList(Layer(state, index) for index in range(LAYERS))

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return unit vectors float32 [N, WIDTH] of ids int64 [N, T]; `mask` is 1 on tokens, 0 on padding."""
        x = self.norm(F.embedding(ids, self.words) + self.positions[: ids.shape[1]])
        keep = mask.to(torch.float32)
        for layer in self.layers:
            x = layer(x, (keep[:, None, None] - 1) * 1e9)
        mean = (x * keep[..., None]).sum(1) / keep.sum(1, keepdim=True)
        return F.normalize(mean, dim=-1)


def _linear(state: dict[str, Tensor], name: str) -> nn.Linear:
    weight = state[name + ".weight"]
    layer = nn.Linear(weight.shape[1], weight.shape[0])
    layer.load_state_dict({"weight": weight, "bias": state[name + ".bias"]})
    return layer


def _norm(state: dict[str, Tensor], name: str) -> nn.LayerNorm:
    layer = nn.LayerNorm(WIDTH, eps=EPSILON)
    layer.load_state_dict({key: state[f"{name}.{key}"] for key in ("weight", "bias")})
    return layer
