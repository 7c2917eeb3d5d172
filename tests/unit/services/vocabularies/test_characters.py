"""Tests of services/vocabularies/characters.py."""

import sys
import unicodedata
from collections.abc import Callable

import pytest

from domain.errors import InvalidRequest
from services.moderation.policy import PolicyCategory
from services.vocabularies.characters import text_problem, usable_text
from services.vocabularies.parse import checked_label, parse_label_line

ORDINARY = {
    "no-break space": "hot\u00a0dog",
    "narrow no-break space": "5\u202fkg",
    "emoji family": "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "emoji with a variation selector": "\u2764\ufe0f",
    "flag of Scotland": "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "zero-width non-joiner": "می\u200cخواهم",
    "zero-width joiner": "क्\u200dष",
    "soft hyphen": "Last\u00adwagen",
    "left-to-right mark": "C#\u200e",
    "right-to-left mark": "קפה\u200f",
    "Arabic letter mark": "\u061cشاي",
    "combining marks": "e\u0301\u0323",
    "byte order mark inside": "a\ufeffb",
    "private use": "\ue000",
    "unassigned": "\U0001fbff",
    "punctuation": "?",
    "two spaces": "hot  dog",
}

REFUSED = {
    "null": "\x00",
    "tab": "\t",
    "line feed": "\n",
    "delete": "\x7f",
    "next line": "\x85",
    "line separator": "\u2028",
    "paragraph separator": "\u2029",
    "replacement character": "\ufffd",
    "surrogate": "\ud83d",
    "noncharacter": "\ufdd0",
    "noncharacter of a plane": "\U0001fffe",
    "left-to-right embedding": "\u202a",
    "right-to-left override": "\u202e",
    "pop directional formatting": "\u202c",
}

INVISIBLE = ("\u200b", "\u200d\u200c", "\u00ad", "\u200e", "\ufe0f", "\u0301", "\u3164", "\u2800", "\u2060")


def read_line(text: str) -> str:
    return parse_label_line(text).name


def read_category(text: str) -> str:
    return PolicyCategory(
        name=text, prompts=(text,), threshold=0.5, region_threshold=0.5, action="block"
    ).name


READERS: list[Callable[[str], str]] = [usable_text, checked_label, read_line, read_category]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("kind", ORDINARY)
def test_ordinary_characters_are_kept(reader: Callable[[str], str], kind: str) -> None:
    assert reader(ORDINARY[kind]) == ORDINARY[kind]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("kind", REFUSED)
def test_other_characters_are_named(reader: Callable[[str], str], kind: str) -> None:
    with pytest.raises(
        (InvalidRequest, ValueError), match=f"U\\+{ord(REFUSED[kind]):04X}, one of|unicode string"
    ):
        reader(f"a{REFUSED[kind]}b")


@pytest.mark.parametrize("text", INVISIBLE)
def test_a_text_needs_a_visible_character(text: str) -> None:
    with pytest.raises(InvalidRequest, match=f"visible character besides U\\+{ord(text[0]):04X}"):
        checked_label(text)
    assert checked_label(f"{text}x") == f"{text}x".lstrip("\u00a0")


def test_every_character_of_unicode_is_visible_refused_or_known_not_to_show() -> None:
    for code in range(sys.maxunicode + 1):
        problem = text_problem(chr(code))
        category = unicodedata.category(chr(code))
        if category[0] in "LNPS" and code not in (0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0, 0xFFFD):
            assert problem is None, hex(code)
        if category in ("Cc", "Cs", "Zl", "Zp"):
            assert problem is not None, hex(code)
            assert f"U+{code:04X}, one of" in problem
