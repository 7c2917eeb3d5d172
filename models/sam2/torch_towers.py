"""Attention between a few prompt tokens and thousands of image tokens, without projecting the latter.

A projection of the image tokens can be moved to the few tokens on the other side of the product:
q . (W x + b) = (W^T q) . x + q . b, and sum_n a_n (W x_n + b) = W (sum_n a_n x_n) + b where the a_n sum to 1.
With 8 heads and 8 tokens that halves the arithmetic of SAM's decoder, and the intermediate arrays go.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


class AttentionHeads:
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


def tokens_to_shared_image(heads: AttentionHeads, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """Prompt tokens [B, T, 256] read image keys and values [N, 128] that all prompts share."""
    query_tokens = heads.scaled(heads.split(heads.layer.q_proj(queries)))
    attention_weights = (query_tokens @ heads.split(keys).transpose(-2, -1)).softmax(-1)
    return heads.out(attention_weights @ heads.split(values))


def tokens_to_image(heads: AttentionHeads, queries: Tensor, placed: Tensor, tokens: Tensor) -> Tensor:
    """Prompt tokens [B, T, 256] read image tokens [B, N, 256]; `placed` has the positions added."""
    query_tokens = heads.scaled(heads.split(heads.layer.q_proj(queries)))
    projected_queries = (query_tokens @ heads.weight(heads.layer.k_proj)).flatten(1, 2)
    attention_weights = (projected_queries @ placed.transpose(1, 2)).softmax(-1)
    attended = (attention_weights @ tokens).unflatten(1, (heads.count, -1))
    values = attended @ heads.weight(heads.layer.v_proj).transpose(-2, -1)
    return heads.out(values + heads.layer.v_proj.bias.unflatten(0, (heads.count, 1, heads.size)))


def shared_image_to_tokens(
    heads: AttentionHeads, tokens: Tensor, queries: Tensor, keys: Tensor, values: Tensor
) -> Tensor:
    """Image tokens [N, 256] with what their queries [N, 128] take from prompt tokens [B, T, 256]."""
    key_tokens = heads.scaled(heads.split(heads.layer.k_proj(keys)))
    scores = key_tokens @ heads.split(queries).transpose(-2, -1)
    return _attend_to_tokens(heads, tokens, scores, values)


def image_to_tokens(
    heads: AttentionHeads, tokens: Tensor, placed: Tensor, keys: Tensor, values: Tensor
) -> Tensor:
    """Image tokens [B, N, 256] with what they take from prompt tokens [B, T, 256]; `placed` as in `read`."""
    key_tokens = heads.scaled(heads.split(heads.layer.k_proj(keys)))
    projected_queries = (key_tokens @ heads.weight(heads.layer.q_proj)).flatten(1, 2)
    bias = key_tokens @ heads.layer.q_proj.bias.unflatten(0, (heads.count, heads.size, 1))
    scores = (projected_queries @ placed.transpose(1, 2)).unflatten(1, (heads.count, -1)) + bias
    return _attend_to_tokens(heads, tokens, scores, values)


def _attend_to_tokens(heads: AttentionHeads, tokens: Tensor, scores: Tensor, values: Tensor) -> Tensor:
    """Softmax over the prompt tokens of scores [B, heads, T, N], the long axis innermost, then the sum."""
    attention_weights = scores.softmax(2).flatten(1, 2).transpose(1, 2)
    return torch.baddbmm(
        tokens.expand(values.shape[0], -1, -1),
        attention_weights,
        heads.spread(heads.split(heads.layer.v_proj(values))),
    )


EMBEDDING_SIDE_TOKENS = 64
"""Tokens along each side of the image embedding."""


class Sam2ImageTower(nn.Module):
    """Meta's image encoder, then everything of the decoder that no prompt changes.

    The first decoder layer sees the same image tokens for every prompt: their projections to keys, values
    and queries are made here once, where Meta's decoder makes them anew for each prompt.

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
        """Tokens and their projections, and high-resolution features in blocks.

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
        """What SAM2ImagePredictor keeps: [1, 256, 64, 64], [1, 64, 128, 128], [1, 32, 256, 256]."""
        finest, fine, image = self.model.forward_image(pixels)["backbone_fpn"][-3:]
        if self.model.directly_add_no_mem_embed:
            image = image + self.model.no_mem_embed.reshape(1, -1, 1, 1)
        return image, fine, finest


def flatten_in_blocks(features: Tensor, doublings: int) -> Tensor:
    """[1, C, S, S] as [S * S, C], in the order in which the mask tower doubles tokens `doublings` times."""
    channels = features.shape[1]
    shape = (channels, EMBEDDING_SIDE_TOKENS, *[2] * doublings, EMBEDDING_SIDE_TOKENS, *[2] * doublings)
    rows = [1 + axis for axis in range(doublings + 1)]
    columns = [2 + doublings + axis for axis in range(doublings + 1)]
    order = [axis for pair in zip(rows, columns, strict=True) for axis in pair]
    return features.reshape(shape).permute(*order, 0).reshape(-1, channels)


MASK_TOKENS = 4
"""Mask tokens: one for unambiguous prompts, then three nested ones."""


class Sam2PromptTower(nn.Module):
    """Meta's prompt encoder and two-way transformer, and the heads that need no image.

    The same function as MaskDecoder up to rounding, with the work of the image side shared or moved
    (see `attention`).

    Args:
        model: Meta's SAM2Base.
    """

    positions: Tensor
    """Where each image token is, [4096, 256]."""

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
        """Predictions for B prompts of K points each.

        Args:
            coords: float32 [B, K, 2], x and y in the 1024 x 1024 frame.
            labels: int64 [B, K]: 1 on, 0 off, 2 and 3 the corners of a box, first.
            tokens: [4096, 256] from the image tower.
            keys: [4096, 128] from it.
            values: [4096, 128] from it.
            queries: [4096, 128] from it.

        Returns:
            Predicted IoUs [B, 4], mask tokens as weights [B, 4, 32], image tokens [B, 4096, 256].
        """
        prompt = self._prompt(coords, labels)
        query_tokens, image = self._first(prompt, tokens, keys, values, queries)
        query_tokens, image = self._second(query_tokens, image, prompt)
        attended = tokens_to_image(
            AttentionHeads(self.last), query_tokens + prompt, image + self.positions, image
        )
        answer = self.last_norm(query_tokens + attended)
        return self._predictions(answer, image)

    def _prompt(self, coords: Tensor, labels: Tensor) -> Tensor:
        points, _ = self.prompts(points=(coords, labels), boxes=None, masks=None)
        decoder = self.decoder
        own = torch.cat(
            [decoder.obj_score_token.weight, decoder.iou_token.weight, decoder.mask_tokens.weight]
        )
        return torch.cat([own.expand(points.shape[0], -1, -1), points], dim=1)

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

    def _second(self, query_tokens: Tensor, image: Tensor, prompt: Tensor) -> tuple[Tensor, Tensor]:
        layer, placed = self.second, image + self.positions
        both = query_tokens + prompt
        query_tokens = layer.norm1(query_tokens + layer.self_attn(q=both, k=both, v=query_tokens))
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
    """Meta's upscaling as matrix products on tokens.

    A transposed convolution with stride 2 and kernel 2 is one product that gives each token four
    children. They stay next to their parent, so that nothing is moved until the logits are laid out.

    Args:
        model: Meta's SAM2Base.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.first, self.norm, _, self.second, _ = model.sam_mask_decoder.output_upscaling

    def forward(self, image: Tensor, weights: Tensor, fine: Tensor, finest: Tensor) -> Tensor:
        """Logits [B, M, 256, 256].

        Args:
            image: [B, 4096, 256] from the prompt tower.
            weights: [B, M, 32] from the prompt tower.
            fine: [16384, 64] from the image tower.
            finest: [65536, 32] from it.
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
        """[B, N, C] to [B, 4 N, D]: the four children of each token, row by row, without the bias."""
        weight = layer.weight.permute(0, 2, 3, 1).flatten(1)
        return (tokens @ weight).reshape(tokens.shape[0], -1, layer.out_channels)


def _unfold_blocks(logits: Tensor) -> Tensor:
    """[B, M, 64 * 64 * 2 * 2 * 2 * 2] to [B, M, 256, 256]."""
    axes = logits.unflatten(2, (EMBEDDING_SIDE_TOKENS, EMBEDDING_SIDE_TOKENS, 2, 2, 2, 2)).permute(
        0, 1, 2, 4, 6, 3, 5, 7
    )
    return axes.reshape(logits.shape[0], -1, MASK_SIDE_PX, MASK_SIDE_PX)
