"""Cleans texts as open_clip's tokenizer does before it splits them, without ftfy."""

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
    """The text tidied and in lower case."""
    return normalise_text(text).lower()


def normalise_text(text: str) -> str:
    """The text with entities decoded, quotes straight, widths and ligatures plain, composed.

    What `ftfy.fix_text` does besides, mending text that was decoded with the wrong character set, is not
    done.
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
        self._max_inner_tokens = context_length - 2

    def __call__(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Ids int64 [N, T], padded with zeros to the longest text of the call."""
        return _pad_rows([self._row(text) for text in texts], 0)

    def _row(self, text: str) -> list[int]:
        inner: list[int] = self._tokenizer.encode(clean_text(text), add_special_tokens=False).ids
        return [self._start, *inner[: self._max_inner_tokens], self._end]


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
        if (found := self._tokenizer.token_to_id("<pad>")) != PAD_TOKEN_ID:
            raise ValueError(
                f"{path.name}: expected XLM-RoBERTa's, with <pad> at {PAD_TOKEN_ID}, got {found}"
            )
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(context_length)

    def __call__(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Ids int64 [N, T], filled up with PADDING to the longest text of the call."""
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
"""What reads the tokenizer.json of a checkpoint; called with its path and the context length."""
