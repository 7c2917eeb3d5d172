"""CLIP's byte-pair tokenizer from a tokenizer.json, without torch and open_clip."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from models.encoders.clip.text_cleaning import clean

TOKENIZER = "tokenizer.json"
"""Name of the file in an exported directory."""


class ClipTokenizer:
    """The ids that open_clip's SimpleTokenizer gives.

    Args:
        path: A tokenizer.json whose vocabulary has CLIP's start and end of text as its two last entries.
        context_length: Tokens a text is cut to, start and end included.
    """

    def __init__(self, path: Path, context_length: int) -> None:
        self._tokenizer = Tokenizer.from_file(str(path))
        self._start, self._end = (self._tokenizer.get_vocab_size() - last for last in (2, 1))
        self._room = context_length - 2

    def __call__(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Ids int64 [N, T], padded with zeros to the longest text of the call."""
        rows = [self._row(text) for text in texts]
        ids = np.zeros((len(rows), max(map(len, rows), default=0)), np.int64)
        for padded, row in zip(ids, rows, strict=True):
            padded[: len(row)] = row
        return ids

    def _row(self, text: str) -> list[int]:
        inner: list[int] = self._tokenizer.encode(clean(text), add_special_tokens=False).ids
        return [self._start, *inner[: self._room], self._end]
