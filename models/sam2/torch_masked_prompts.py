"""The prompt tower of SAM 2.1 for prompts with a mask."""

import torch
from torch import Tensor

from models.sam2.torch_towers import Sam2PromptTower


class Sam2MaskedPromptTower(Sam2PromptTower):
    """The prompt tower for prompts with a mask, each of which has image tokens of its own.

    It is a graph of its own, so that prompts without a mask share the work of the first layer as before.
    """

    def forward(  # type: ignore[override]
        self, coords: Tensor, labels: Tensor, masks: Tensor, tokens: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return the predictions for B prompts of K points each, as Sam2PromptTower does.

        Args:
            coords: float32 [B, K, 2], x and y in the 1024 x 1024 frame; K may be 0.
            labels: int64 [B, K].
            masks: float32 [B, 256, 256], logits of the masks.
            tokens: [4096, 256] from the image tower.
        """
        points = self._points(coords, labels)
        # Meta's predictor adds the point that stands for nothing to points only. A slice of at most K
        # elements keeps it without a condition, which could not be exported.
        count = coords.shape[1]
        prompt = self._prompt(torch.cat([points[:, :count], points[:, count:][:, :count]], dim=1))
        dense = self.prompts(points=None, boxes=None, masks=masks.unsqueeze(1))[1].flatten(2).transpose(1, 2)
        image = tokens - self.prompts.no_mask_embed.weight + dense
        query_tokens = self.first.self_attn(q=prompt, k=prompt, v=prompt)
        return self._rest(*self._image_attention(self.first, query_tokens, image, prompt), prompt)
