"""Attention between a few prompt tokens and thousands of image tokens, without projecting the latter.

A projection of the image tokens can be moved to the few tokens on the other side of the product:
q . (W x + b) = (W^T q) . x + q . b, and sum_n a_n (W x_n + b) = W (sum_n a_n x_n) + b where the a_n sum to 1.
With 8 heads and 8 tokens that halves the arithmetic of SAM's decoder, and the intermediate arrays go.
"""

from typing import Any

import torch
from torch import Tensor


class Heads:
    """The weights of one of Meta's Attention layers, by head.

    Args:
        layer: sam2.modeling.sam.transformer.Attention.
    """

    def __init__(self, layer: Any) -> None:
        self.layer = layer
        self.count: int = layer.num_heads
        self.size: int = layer.internal_dim // layer.num_heads

    def split(self, tokens: Tensor) -> Tensor:
        """[..., N, heads * size] as [..., heads, N, size]."""
        return tokens.unflatten(-1, (self.count, self.size)).transpose(-3, -2)

    def weight(self, projection: Any) -> Tensor:
        """A projection to all heads [heads, size, 256]."""
        return projection.weight.unflatten(0, (self.count, self.size))

    def scaled(self, scores: Tensor) -> Tensor:
        """Dot products over the square root of the heads' size."""
        return scores * self.size**-0.5

    def out(self, attended: Tensor) -> Tensor:
        """[B, heads, T, size] through the output projection: [B, T, 256]."""
        return self.layer.out_proj(attended.transpose(1, 2).flatten(2))

    def spread(self, values: Tensor) -> Tensor:
        """Values [B, heads, T, size] as they leave the output projection: [B, heads * T, 256].

        The shares of a token sum to 1 in each head: a part of the bias in each value is all of it in the sum.
        """
        weight = self.layer.out_proj.weight.unflatten(1, (self.count, self.size)).permute(1, 2, 0)
        return (values @ weight + self.layer.out_proj.bias / self.count).flatten(1, 2)


def read_shared(heads: Heads, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """Prompt tokens [B, T, 256] read image keys and values [N, 128] that all prompts share."""
    asked = heads.scaled(heads.split(heads.layer.q_proj(queries)))
    shares = (asked @ heads.split(keys).transpose(-2, -1)).softmax(-1)
    return heads.out(shares @ heads.split(values))


def read(heads: Heads, queries: Tensor, placed: Tensor, tokens: Tensor) -> Tensor:
    """Prompt tokens [B, T, 256] read image tokens [B, N, 256]; `placed` has the positions added."""
    asked = heads.scaled(heads.split(heads.layer.q_proj(queries)))
    probes = (asked @ heads.weight(heads.layer.k_proj)).flatten(1, 2)
    shares = (probes @ placed.transpose(1, 2)).softmax(-1)
    seen = (shares @ tokens).unflatten(1, (heads.count, -1))
    values = seen @ heads.weight(heads.layer.v_proj).transpose(-2, -1)
    return heads.out(values + heads.layer.v_proj.bias.unflatten(0, (heads.count, 1, heads.size)))


def write_shared(heads: Heads, tokens: Tensor, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """Image tokens [N, 256] with what their queries [N, 128] take from prompt tokens [B, T, 256]."""
    offered = heads.scaled(heads.split(heads.layer.k_proj(keys)))
    scores = offered @ heads.split(queries).transpose(-2, -1)
    return _taken(heads, tokens, scores, values)


def write(heads: Heads, tokens: Tensor, placed: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """Image tokens [B, N, 256] with what they take from prompt tokens [B, T, 256]; `placed` as in `read`."""
    offered = heads.scaled(heads.split(heads.layer.k_proj(keys)))
    probes = (offered @ heads.weight(heads.layer.q_proj)).flatten(1, 2)
    bias = offered @ heads.layer.q_proj.bias.unflatten(0, (heads.count, heads.size, 1))
    scores = (probes @ placed.transpose(1, 2)).unflatten(1, (heads.count, -1)) + bias
    return _taken(heads, tokens, scores, values)


def _taken(heads: Heads, tokens: Tensor, scores: Tensor, values: Tensor) -> Tensor:
    """Softmax over the prompt tokens of scores [B, heads, T, N], the long axis innermost, then the sum."""
    shares = scores.softmax(2).flatten(1, 2).transpose(1, 2)
    return torch.baddbmm(
        tokens.expand(values.shape[0], -1, -1), shares, heads.spread(heads.split(heads.layer.v_proj(values)))
    )
