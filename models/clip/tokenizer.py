"""Tokenizers of CLIP that give open_clip's ids without torch and ftfy."""

import html
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer as TokenizerFile

from models.clip.meta import TokenizerKind
from models.clip.network import TextTokenizer

_QUOTES = str.maketrans("\u02bc\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f", "'" * 5 + '"' * 4)

_LIGATURES = re.compile("[\u0132\u0133\u0149\u01c4-\u01cc\u01f1-\u01f3\ufb00-\ufb06]")

_FULLWIDTH = re.compile("[\u3000\uff01-\uffef]+")

_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\u206a-\u206f\ufeff\ufff9-\ufffc]")


def clean_text(text: str) -> str:
    """Return the normalised text in lower case."""
    return normalise_text(text).lower()


def normalise_text(text: str) -> str:
    """Return the text with entities decoded, straight quotes, plain widths and ligatures, composed (NFC).

    Unlike `ftfy.fix_text`, this does not repair text that was decoded with the wrong character set.
    """
    entities = text if "<" in text else html.unescape(text)
    plain = _FULLWIDTH.sub(_nfkc, _LIGATURES.sub(_nfkc, entities)).translate(_QUOTES)
    composed = unicodedata.normalize("NFC", _CONTROL.sub("", plain))
    return " ".join(html.unescape(html.unescape(composed)).split())


def _nfkc(found: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", found.group())


TOKENIZER_FILE = "tokenizer.json"
"""Name of the file in an exported directory."""

PAD_TOKEN_ID = 1
"""Id of XLM-RoBERTa's padding token."""


class ClipTokenizer:
    """Gives the ids of open_clip's SimpleTokenizer.

    Args:
        path: A tokenizer.json whose vocabulary ends with CLIP's start and end of text.
        context_length: Number of tokens that a text is cut to, start and end included.
    """

    def __init__(self, path: Path, context_length: int) -> None:
        self._tokenizer = TokenizerFile.from_file(str(path))
        self._start, self._end = (self._tokenizer.get_vocab_size() - last for last in (2, 1))
        self._max_inner_tokens = context_length - 2

    def __call__(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Return ids int64 [N, T], padded with zeros to the longest text of the call."""
        return _pad_rows([self._row(text) for text in texts], 0)

    def _row(self, text: str) -> list[int]:
        inner: list[int] = self._tokenizer.encode(clean_text(text), add_special_tokens=False).ids
        return [self._start, *inner[: self._max_inner_tokens], self._end]


class XlmRobertaTokenizer:
    """Gives the ids of open_clip's HFTokenizer for XLM-RoBERTa: SentencePiece, case kept, any language.

    Args:
        path: XLM-RoBERTa's tokenizer.json, which itself adds start and end to a text.
        context_length: Number of tokens that a text is cut to, start and end included.

    Raises:
        ValueError: The file belongs to another model.
    """

    def __init__(self, path: Path, context_length: int) -> None:
        self._tokenizer = TokenizerFile.from_file(str(path))
        if (found := self._tokenizer.token_to_id("<pad>")) != PAD_TOKEN_ID:
            raise ValueError(
                f"{path.name}: expected XLM-RoBERTa's, with <pad> at {PAD_TOKEN_ID}, got {found}"
            )
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(context_length)

    def __call__(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Return ids int64 [N, T], padded with PAD_TOKEN_ID to the longest text of the call."""
        return _pad_rows([self._tokenizer.encode(normalise_text(text)).ids for text in texts], PAD_TOKEN_ID)


def _pad_rows(rows: Sequence[Sequence[int]], padding: int) -> NDArray[np.int64]:
    ids = np.full((len(rows), max(map(len, rows), default=0)), padding, np.int64)
    for padded, row in zip(ids, rows, strict=True):
        padded[: len(row)] = row
    return ids


TOKENIZER_CLASSES: Mapping[TokenizerKind, Callable[[Path, int], TextTokenizer]] = {
    "clip": ClipTokenizer,
    "xlm-roberta": XlmRobertaTokenizer,
}
"""Classes that read the tokenizer.json of a checkpoint; called with its path and the context length."""
