"""Prompts and image tokens to predicted IoUs, mask tokens and updated image tokens."""

from typing import Any

import torch
from torch import Tensor, nn

from models.sam2.torch_towers import Heads, read, read_shared, write, write_shared

MASKS = 4
"""Mask tokens: one for unambiguous prompts, then three nested ones."""


class PromptTower(nn.Module):
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
        asked, image = self._first(prompt, tokens, keys, values, queries)
        asked, image = self._second(asked, image, prompt)
        seen = read(Heads(self.last), asked + prompt, image + self.positions, image)
        answer = self.last_norm(asked + seen)
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
        asked = layer.norm1(layer.self_attn(q=prompt, k=prompt, v=prompt))
        seen = read_shared(Heads(layer.cross_attn_token_to_image), asked + prompt, keys, values)
        asked = self._thought(layer, asked + seen)
        heads = Heads(layer.cross_attn_image_to_token)
        return asked, layer.norm4(write_shared(heads, tokens, queries, asked + prompt, asked))

    def _second(self, asked: Tensor, image: Tensor, prompt: Tensor) -> tuple[Tensor, Tensor]:
        layer, placed = self.second, image + self.positions
        both = asked + prompt
        asked = layer.norm1(asked + layer.self_attn(q=both, k=both, v=asked))
        seen = read(Heads(layer.cross_attn_token_to_image), asked + prompt, placed, image)
        asked = self._thought(layer, asked + seen)
        heads = Heads(layer.cross_attn_image_to_token)
        return asked, layer.norm4(write(heads, image, placed, asked + prompt, asked))

    @staticmethod
    def _thought(layer: Any, asked: Tensor) -> Tensor:
        asked = layer.norm2(asked)
        thought: Tensor = layer.norm3(asked + layer.mlp(asked))
        return thought

    def _predictions(self, answer: Tensor, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        decoder = self.decoder
        masks = answer[:, 2 : 2 + MASKS].unbind(1)
        weights = [net(mask) for net, mask in zip(decoder.output_hypernetworks_mlps, masks, strict=True)]
        return decoder.iou_prediction_head(answer[:, 1]), torch.stack(weights, 1), image
