"""Encodes texts with the published checkpoint, before its weights are stored in fewer bits."""

from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from tools.training.labeller.text_tower import TextTower

BATCH = 64
"""Number of texts that are encoded at once."""


class Sentences:
    """Encodes texts as sentence vectors.

    Args:
        model_dir: Folder of model.safetensors and tokenizer.json of all-MiniLM-L6-v2.
    """

    def __init__(self, model_dir: Path) -> None:
        self._tower = TextTower(model_dir / "model.safetensors").eval()
        self._tokenizer = Tokenizer.from_file(str(model_dir / "tokenizer.json"))
        self._tokenizer.enable_padding()

    @torch.no_grad()
    def __call__(self, texts: Sequence[str]) -> Tensor:
        """Return unit vectors of the texts, float32 [N, 384]."""
        batches = [list(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)]
        return torch.cat([self._vectors(batch) for batch in batches])

    def _vectors(self, batch: list[str]) -> Tensor:
        encodings = self._tokenizer.encode_batch(batch)
        ids = torch.tensor([encoding.ids for encoding in encodings])
        mask = torch.tensor([encoding.attention_mask for encoding in encodings])
        vectors: Tensor = self._tower(ids, mask)
        return vectors
