"""Texts to token ids from a tokenizer.json, without torch, open_clip and transformers."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer as TokenizerFile

from models.clip.meta import TokenizerKind
from models.clip.network import Tokenizer
from models.clip.text_cleaning import clean, tidy

TOKENIZER = "tokenizer.json"
"""Name of the file in an exported directory."""

PADDING = 1
"""XLM-RoBERTa's id for what fills up short texts."""


class ClipTokenizer:
    """The ids that open_clip's SimpleTokenizer gives.

    Args:
        path: A tokenizer.json whose vocabulary has CLIP's start and end of text as its two last entries.
        context_length: Tokens a text is cut to, start and end included.
    """

    def __init__(self, path: Path, context_length: int) -> None:
        self._tokenizer = TokenizerFile.from_file(str(path))
        self._start, self._end = (self._tokenizer.get_vocab_size() - last for last in (2, 1))
        self._room = context_length - 2

    def __call__(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Ids int64 [N, T], padded with zeros to the longest text of the call."""
        return _padded([self._row(text) for text in texts], 0)

    def _row(self, text: str) -> list[int]:
        inner: list[int] = self._tokenizer.encode(clean(text), add_special_tokens=False).ids
        return [self._start, *inner[: self._room], self._end]


class XlmRobertaTokenizer:
    """The ids that open_clip's HFTokenizer gives for XLM-RoBERTa: SentencePiece, case kept, any language.

    Args:
        path: XLM-RoBERTa's tokenizer.json; it puts start and end around a text itself.
        context_length: Tokens a text is cut to, start and end included.

    Raises:
        ValueError: The file is that of another model.
    """

    def __init__(self, path: Path, context_length: int) -> None:
        self._tokenizer = TokenizerFile.from_file(str(path))
        if (found := self._tokenizer.token_to_id("<pad>")) != PADDING:
            raise ValueError(f"{path.name}: expected XLM-RoBERTa's, with <pad> at {PADDING}, got {found}")
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(context_length)

    def __call__(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Ids int64 [N, T], filled up with PADDING to the longest text of the call."""
        return _padded([self._tokenizer.encode(tidy(text)).ids for text in texts], PADDING)


def _padded(rows: Sequence[Sequence[int]], padding: int) -> NDArray[np.int64]:
    ids = np.full((len(rows), max(map(len, rows), default=0)), padding, np.int64)
    for padded, row in zip(ids, rows, strict=True):
        padded[: len(row)] = row
    return ids


TOKENIZERS: Mapping[TokenizerKind, Callable[[Path, int], Tokenizer]] = {
    "clip": ClipTokenizer,
    "xlm-roberta": XlmRobertaTokenizer,
}
"""What reads the tokenizer.json of a checkpoint; called with its path and the context length."""
