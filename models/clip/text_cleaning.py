"""Cleans texts as open_clip's tokenizer does before it splits them, without ftfy."""

import html
import re
import unicodedata

_QUOTES = str.maketrans("\u02bc\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f", "'" * 5 + '"' * 4)
_JOINED = re.compile("[\u0132\u0133\u0149\u01c4-\u01cc\u01f1-\u01f3\ufb00-\ufb06]")
_WIDE = re.compile("[\u3000\uff01-\uffef]+")
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\u206a-\u206f\ufeff\ufff9-\ufffc]")


def clean(text: str) -> str:
    """The text tidied and in lower case."""
    return tidy(text).lower()


def tidy(text: str) -> str:
    """The text with entities decoded, quotes straight, widths and ligatures plain, composed.

    What `ftfy.fix_text` does besides, mending text that was decoded with the wrong character set, is not
    done.
    """
    entities = text if "<" in text else html.unescape(text)
    plain = _WIDE.sub(_apart, _JOINED.sub(_apart, entities)).translate(_QUOTES)
    composed = unicodedata.normalize("NFC", _CONTROL.sub("", plain))
    return " ".join(html.unescape(html.unescape(composed)).split())


def _apart(found: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", found.group())
