"""Photograph to what decoding needs, computed once: features, and the first decoder layer's view of them."""

from typing import Any

from torch import Tensor, nn

FRAME = 64
"""Tokens along each side of the image embedding."""


class ImageTower(nn.Module):
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
            blocks(fine, 1) + self.doubling.bias,
            blocks(finest, 2) + self.quadrupling.bias,
        )

    def features(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What SAM2ImagePredictor keeps: [1, 256, 64, 64], [1, 64, 128, 128], [1, 32, 256, 256]."""
        finest, fine, image = self.model.forward_image(pixels)["backbone_fpn"][-3:]
        if self.model.directly_add_no_mem_embed:
            image = image + self.model.no_mem_embed.reshape(1, -1, 1, 1)
        return image, fine, finest


def blocks(features: Tensor, doublings: int) -> Tensor:
    """[1, C, S, S] as [S * S, C], in the order in which the mask tower doubles tokens `doublings` times."""
    channels = features.shape[1]
    shape = (channels, FRAME, *[2] * doublings, FRAME, *[2] * doublings)
    rows = [1 + axis for axis in range(doublings + 1)]
    columns = [2 + doublings + axis for axis in range(doublings + 1)]
    order = [axis for pair in zip(rows, columns, strict=True) for axis in pair]
    return features.reshape(shape).permute(*order, 0).reshape(-1, channels)
