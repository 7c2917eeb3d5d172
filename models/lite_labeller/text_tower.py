"""Texts to unit vectors: tokenizer, sentence tower, text head."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from domain.arrays import Floats
from models.runtime.onnx import OnnxGraph


class TextTower:
    """all-MiniLM-L6-v2 and the head that aligns its sentences with images.

    Args:
        tower: `ids` and `mask` int64 [N, T] to unit `sentence` vectors; its metadata hold max_tokens.
        head: `sentence` to unit vectors [N, D].
        tokenizer: A tokenizer.json of the `tokenizers` library.
    """

    def __init__(self, tower: OnnxGraph, head: OnnxGraph, tokenizer: Path) -> None:
        self._tower = tower
        self._head = head
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.enable_truncation(int(tower.metadata["max_tokens"]))

    def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors, float32 [N, D]."""
        # Each text goes alone, unpadded: its vector cannot depend on its neighbours, to the last bit.
        return np.concatenate([self._head.run({"sentence": self._sentence(text)})[0] for text in texts])

    def _sentence(self, text: str) -> Floats:
        ids = np.array([self._tokenizer.encode(text).ids], np.int64)
        sentence: Floats = self._tower.run({"ids": ids, "mask": np.ones_like(ids)})[0]
        return sentence
