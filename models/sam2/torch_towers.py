"""Towers of SAM 2.1 for export, with attention that never projects the thousands of image tokens.

A projection of the image tokens can be moved to the few prompt tokens on the other side of the product:
q . (W x + b) = (W^T q) . x + q . b, and sum_n a_n (W x_n + b) = W (sum_n a_n x_n) + b where the a_n sum to 1.
With 8 heads and 8 tokens this halves the arithmetic of SAM's decoder and avoids the intermediate arrays.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


class AttentionHeads:
    """Weights of one of Meta's Attention layers, by head.

    Args:
        layer: A sam2.modeling.sam.transformer.Attention.
    """

    def __init__(self, layer: Any) -> None:
        self.layer = layer
        self.count: int = layer.num_heads
        self.size: int = layer.internal_dim // layer.num_heads

    def split(self, tokens: Tensor) -> Tensor:
        """Reshape [..., N, heads * size] to [..., heads, N, size]."""
        return tokens.unflatten(-1, (self.count, self.size)).transpose(-3, -2)

    def weight(self, projection: Any) -> Tensor:
        """Return the weights of a projection by head, [heads, size, 256]."""
        return projection.weight.unflatten(0, (self.count, self.size))

    def scaled(self, scores: Tensor) -> Tensor:
        """Divide dot products by the square root of the size of a head."""
        return scores * self.size**-0.5

    def out(self, attended: Tensor) -> Tensor:
        """Apply the output projection to [B, heads, T, size]: [B, T, 256]."""
        return self.layer.out_proj(attended.transpose(1, 2).flatten(2))

    def spread(self, values: Tensor) -> Tensor:
        """Apply the output projection to values [B, heads, T, size] head by head: [B, heads * T, 256].

        The attention weights of a token sum to 1 in each head, so equal parts of the bias in all heads'
        values add up to the bias.
        """
        weight = self.layer.out_proj.weight.unflatten(1, (self.count, self.size)).permute(1, 2, 0)
        return (values @ weight + self.layer.out_proj.bias / self.count).flatten(1, 2)


def tokens_to_shared_image(heads: AttentionHeads, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """Attend from prompt tokens [B, T, 256] to image keys and values [N, 128] that all prompts share."""
    query_tokens = heads.scaled(heads.split(heads.layer.q_proj(queries)))
    attention_weights = (query_tokens @ heads.split(keys).transpose(-2, -1)).softmax(-1)
    return heads.out(attention_weights @ heads.split(values))


def tokens_to_image(heads: AttentionHeads, queries: Tensor, placed: Tensor, tokens: Tensor) -> Tensor:
    """Attend from prompt tokens [B, T, 256] to image tokens [B, N, 256].

    `placed` are the image tokens with their positions added.
    """
    query_tokens = heads.scaled(heads.split(heads.layer.q_proj(queries)))
    projected_queries = (query_tokens @ heads.weight(heads.layer.k_proj)).flatten(1, 2)
    attention_weights = (projected_queries @ placed.transpose(1, 2)).softmax(-1)
    attended = (attention_weights @ tokens).unflatten(1, (heads.count, -1))
    values = attended @ heads.weight(heads.layer.v_proj).transpose(-2, -1)
    return heads.out(values + heads.layer.v_proj.bias.unflatten(0, (heads.count, 1, heads.size)))


def shared_image_to_tokens(
    heads: AttentionHeads, tokens: Tensor, queries: Tensor, keys: Tensor, values: Tensor
) -> Tensor:
    """Update image tokens [N, 256] by attention from their queries [N, 128] to prompt tokens [B, T, 256]."""
    key_tokens = heads.scaled(heads.split(heads.layer.k_proj(keys)))
    scores = key_tokens @ heads.split(queries).transpose(-2, -1)
    return _attend_to_tokens(heads, tokens, scores, values)


def image_to_tokens(
    heads: AttentionHeads, tokens: Tensor, placed: Tensor, keys: Tensor, values: Tensor
) -> Tensor:
    """Update image tokens [B, N, 256] by attention to prompt tokens [B, T, 256].

    `placed` are the image tokens with their positions added.
    """
    key_tokens = heads.scaled(heads.split(heads.layer.k_proj(keys)))
    projected_queries = (key_tokens @ heads.weight(heads.layer.q_proj)).flatten(1, 2)
    bias = key_tokens @ heads.layer.q_proj.bias.unflatten(0, (heads.count, heads.size, 1))
    scores = (projected_queries @ placed.transpose(1, 2)).unflatten(1, (heads.count, -1)) + bias
    return _attend_to_tokens(heads, tokens, scores, values)


def _attend_to_tokens(heads: AttentionHeads, tokens: Tensor, scores: Tensor, values: Tensor) -> Tensor:
    """Add the attended values to the tokens; softmax is over the prompt tokens of scores [B, heads, T, N]."""
    attention_weights = scores.softmax(2).flatten(1, 2).transpose(1, 2)
    return torch.baddbmm(
        tokens.expand(values.shape[0], -1, -1),
        attention_weights,
        heads.spread(heads.split(heads.layer.v_proj(values))),
    )


EMBEDDING_SIDE_TOKENS = 64
"""Number of tokens along each side of the image embedding."""


class Sam2ImageTower(nn.Module):
    """Meta's image encoder, with all of the decoder's work that does not depend on a prompt.

    The first decoder layer gets the same image tokens for every prompt: their projections to keys, values and
    queries are computed here once, where Meta's decoder computes them for each prompt.

    Args:
        model: Meta's SAM2Base.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model
        first = model.sam_mask_decoder.transformer.layers[0]
        self.doubling, _, _, self.quadrupling, _ = model.sam_mask_decoder.output_upscaling
        self.to_image, self.from_image = first.cross_attn_token_to_image, first.cross_attn_image_to_token

    def forward(self, pixels: Tensor) -> tuple[Tensor, ...]:
        """Return tokens, their projections, and high-resolution features in blocks.

        Args:
            pixels: float32 [1, 3, 1024, 1024], normalised.

        Returns:
            `tokens` [4096, 256], `keys`, `values` and `queries` of the first layer [4096, 128],
            `fine` [16384, 64] and `finest` [65536, 32] with the pixels of a token next to each other
            and the bias of the layer that adds them.
        """
        image, fine, finest = self.features(pixels)
        prompts = self.model.sam_prompt_encoder
        tokens = (image + prompts.no_mask_embed.weight.reshape(1, -1, 1, 1)).flatten(2)[0].T
        placed = tokens + prompts.get_dense_pe().flatten(2)[0].T
        return (
            tokens,
            self.to_image.k_proj(placed),
            self.to_image.v_proj(tokens),
            self.from_image.q_proj(placed),
            flatten_in_blocks(fine, 1) + self.doubling.bias,
            flatten_in_blocks(finest, 2) + self.quadrupling.bias,
        )

    def features(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return SAM2ImagePredictor's features: [1, 256, 64, 64], [1, 64, 128, 128], [1, 32, 256, 256]."""
        finest, fine, image = self.model.forward_image(pixels)["backbone_fpn"][-3:]
        if self.model.directly_add_no_mem_embed:
            image = image + self.model.no_mem_embed.reshape(1, -1, 1, 1)
        return image, fine, finest


def flatten_in_blocks(features: Tensor, doublings: int) -> Tensor:
    """Reshape [1, C, S, S] to [S * S, C], in the order of the mask tower's `doublings` of tokens."""
    channels = features.shape[1]
    shape = (channels, EMBEDDING_SIDE_TOKENS, *[2] * doublings, EMBEDDING_SIDE_TOKENS, *[2] * doublings)
    rows = [1 + axis for axis in range(doublings + 1)]
    columns = [2 + doublings + axis for axis in range(doublings + 1)]
    order = [axis for pair in zip(rows, columns, strict=True) for axis in pair]
    return features.reshape(shape).permute(*order, 0).reshape(-1, channels)


MASK_TOKENS = 4
"""Number of mask tokens: one for unambiguous prompts, three for nested masks."""


class Sam2PromptTower(nn.Module):
    """Meta's prompt encoder and two-way transformer, and the heads that do not need the image.

    It computes the same function as MaskDecoder up to rounding, with the work on the image side shared or
    moved (see the top of this file).

    Args:
        model: Meta's SAM2Base.
    """

    positions: Tensor
    """Positional encoding of the image tokens, [4096, 256]."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.prompts, self.decoder = model.sam_prompt_encoder, model.sam_mask_decoder
        transformer = self.decoder.transformer
        self.first, self.second = transformer.layers
        self.last = transformer.final_attn_token_to_image
        self.last_norm = transformer.norm_final_attn
        self.register_buffer("positions", self.prompts.get_dense_pe().flatten(2)[0].T.contiguous())

    def forward(
        self, coords: Tensor, labels: Tensor, tokens: Tensor, keys: Tensor, values: Tensor, queries: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return the predictions for B prompts of K points each.

        Args:
            coords: float32 [B, K, 2], x and y in the 1024 x 1024 frame.
            labels: int64 [B, K]: 1 on the object, 0 off it, 2 and 3 the corners of a box, which come first.
            tokens: [4096, 256] from the image tower.
            keys: [4096, 128] from the image tower.
            values: [4096, 128] from the image tower.
            queries: [4096, 128] from the image tower.

        Returns:
            Predicted IoUs [B, 4], mask tokens as weights [B, 4, 32], image tokens [B, 4096, 256].
        """
        prompt = self._prompt(self._points(coords, labels))
        query_tokens, image = self._first(prompt, tokens, keys, values, queries)
        return self._rest(query_tokens, image, prompt)

    def _points(self, coords: Tensor, labels: Tensor) -> Tensor:
        """Embed the points and one that stands for nothing: [B, K + 1, 256]."""
        points: Tensor = self.prompts(points=(coords, labels), boxes=None, masks=None)[0]
        return points

    def _prompt(self, points: Tensor) -> Tensor:
        """Put the decoder's own tokens in front of the points."""
        decoder = self.decoder
        own = torch.cat(
            [decoder.obj_score_token.weight, decoder.iou_token.weight, decoder.mask_tokens.weight]
        )
        return torch.cat([own.expand(points.shape[0], -1, -1), points], dim=1)

    def _rest(self, query_tokens: Tensor, image: Tensor, prompt: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Run everything after the first layer."""
        both = query_tokens + prompt
        query_tokens = query_tokens + self.second.self_attn(q=both, k=both, v=query_tokens)
        query_tokens, image = self._image_attention(self.second, query_tokens, image, prompt)
        attended = tokens_to_image(
            AttentionHeads(self.last), query_tokens + prompt, image + self.positions, image
        )
        answer = self.last_norm(query_tokens + attended)
        return self._predictions(answer, image)

    def _first(
        self, prompt: Tensor, tokens: Tensor, keys: Tensor, values: Tensor, queries: Tensor
    ) -> tuple[Tensor, Tensor]:
        layer = self.first
        query_tokens = layer.norm1(layer.self_attn(q=prompt, k=prompt, v=prompt))
        attended = tokens_to_shared_image(
            AttentionHeads(layer.cross_attn_token_to_image), query_tokens + prompt, keys, values
        )
        query_tokens = self._mlp_block(layer, query_tokens + attended)
        heads = AttentionHeads(layer.cross_attn_image_to_token)
        return query_tokens, layer.norm4(
            shared_image_to_tokens(heads, tokens, queries, query_tokens + prompt, query_tokens)
        )

    def _image_attention(
        self, layer: Any, query_tokens: Tensor, image: Tensor, prompt: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Run a layer after its self-attention, with image tokens [B, 4096, 256] of each prompt."""
        query_tokens, placed = layer.norm1(query_tokens), image + self.positions
        attended = tokens_to_image(
            AttentionHeads(layer.cross_attn_token_to_image), query_tokens + prompt, placed, image
        )
        query_tokens = self._mlp_block(layer, query_tokens + attended)
        heads = AttentionHeads(layer.cross_attn_image_to_token)
        return query_tokens, layer.norm4(
            image_to_tokens(heads, image, placed, query_tokens + prompt, query_tokens)
        )

    @staticmethod
    def _mlp_block(layer: Any, query_tokens: Tensor) -> Tensor:
        query_tokens = layer.norm2(query_tokens)
        updated: Tensor = layer.norm3(query_tokens + layer.mlp(query_tokens))
        return updated

    def _predictions(self, answer: Tensor, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        decoder = self.decoder
        masks = answer[:, 2 : 2 + MASK_TOKENS].unbind(1)
        weights = [net(mask) for net, mask in zip(decoder.output_hypernetworks_mlps, masks, strict=True)]
        return decoder.iou_prediction_head(answer[:, 1]), torch.stack(weights, 1), image


MASK_SIDE_PX = 4 * EMBEDDING_SIDE_TOKENS


class Sam2MaskTower(nn.Module):
    """Meta's mask upscaling as matrix products on tokens.

    A transposed convolution with stride 2 and kernel 2 is one product that gives each token four children.
    They stay next to their parent, so that no data moves until the logits are laid out.

    Args:
        model: Meta's SAM2Base.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.first, self.norm, _, self.second, _ = model.sam_mask_decoder.output_upscaling

    def forward(self, image: Tensor, weights: Tensor, fine: Tensor, finest: Tensor) -> Tensor:
        """Return the logits [B, M, 256, 256] of M masks for each of B prompts.

        Args:
            image: [B, 4096, 256] from the prompt tower.
            weights: [B, M, 32] from the prompt tower.
            fine: [16384, 64] from the image tower.
            finest: [65536, 32] from the image tower.
        """
        doubled = self._children(self.first, image) + fine
        norm = self.norm
        doubled = functional.gelu(
            functional.layer_norm(doubled, (self.second.in_channels,), norm.weight, norm.bias, norm.eps)
        )
        quadrupled = functional.gelu(self._children(self.second, doubled) + finest)
        return _unfold_blocks(torch.matmul(weights, quadrupled.transpose(1, 2)))

    @staticmethod
    def _children(layer: Any, tokens: Tensor) -> Tensor:
        """Map [B, N, C] to [B, 4 N, D], the four children of each token row by row, without the bias."""
        weight = layer.weight.permute(0, 2, 3, 1).flatten(1)
        return (tokens @ weight).reshape(tokens.shape[0], -1, layer.out_channels)


def _unfold_blocks(logits: Tensor) -> Tensor:
    """Reshape [B, M, 64 * 64 * 2 * 2 * 2 * 2] to [B, M, 256, 256]."""
    axes = logits.unflatten(2, (EMBEDDING_SIDE_TOKENS, EMBEDDING_SIDE_TOKENS, 2, 2, 2, 2)).permute(
        0, 1, 2, 4, 6, 3, 5, 7
    )
    return axes.reshape(logits.shape[0], -1, MASK_SIDE_PX, MASK_SIDE_PX)
