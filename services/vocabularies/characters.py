"""Checks the characters of labels, prompts and search texts."""

import re
import unicodedata
from collections.abc import Mapping

REPLACEMENT_CHARACTER = "\ufffd"

DIRECTION_CHARACTERS = re.compile("[\u202a-\u202e]")
"""Bidirectional embeddings and overrides, which reorder the text around them."""

REFUSED_CATEGORIES: Mapping[str, str] = {
    "Cc": "control characters",
    "Zl": "line separators",
    "Zp": "paragraph separators",
    "Cs": "halves of surrogate pairs",
}
"""Words for the categories of characters that no text may have."""

INVISIBLE_CATEGORIES = frozenset({"Cf", "Zs", "Mn", "Mc", "Me"})
"""Categories of format characters, spaces and marks, which show nothing alone."""

INVISIBLE_CHARACTERS = "\u115f\u1160\u2800\u3164\uffa0"
"""Characters of other categories that show nothing: fillers of Hangul and the empty Braille pattern."""


def text_problem(text: str) -> str | None:
    """Return what is expected of the characters of a text that cannot be used; None if it can be.

    Every character is allowed that people write words with: no-break spaces, joiners, soft hyphens, marks of
    direction, emoji, combining marks and characters that this version of Unicode does not know.
    """
    for character in text:
        if kind := _refused_kind(character):
            return f"expected text without U+{ord(character):04X}, one of the {kind}"
    if not any(map(_is_visible, text)):
        points = " ".join(f"U+{ord(character):04X}" for character in text)
        return f"expected text with a visible character besides {points or 'nothing'}"
    return None


def usable_text(text: str) -> str:
    """Return a text whose characters can be used.

    Raises:
        ValueError: They cannot; the message says what is expected.
    """
    if problem := text_problem(text):
        raise ValueError(problem)
    return text


def _refused_kind(character: str) -> str | None:
    if character == REPLACEMENT_CHARACTER:
        return "replacement characters, which bytes become that are no UTF-8"
    if DIRECTION_CHARACTERS.match(character):
        return "characters that reorder the text around them"
    if ord(character) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(character) <= 0xFDEF:
        return "noncharacters"
    return REFUSED_CATEGORIES.get(unicodedata.category(character))


def _is_visible(character: str) -> bool:
    hidden = unicodedata.category(character) in INVISIBLE_CATEGORIES
    return not hidden and character not in INVISIBLE_CHARACTERS
