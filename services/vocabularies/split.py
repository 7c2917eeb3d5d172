"""Splits a text into labels; web/js/labels.js has the same for the page."""

import json
import re

from domain.errors import InvalidRequest
from domain.labels import BYTE_ORDER_MARK, WHITE_SPACE, trim

COMMAS = (
    ",\u055d\u060c\u07f8\u1363\u1802\u1808\u2e32\u2e34\u2e41\u2e49\u2e4c\u3001\ua4fe\ua60d\ua6f5\ufe10\ufe11\ufe50\ufe51\uff0c"
    "\uff64\U0001144d\U0001145a\U00016e97\U0001da87"
)
"""Commas of all scripts: the punctuation whose name in Unicode ends with COMMA."""

LINE_ENDS = "\n\v\f\r\x85\u2028\u2029"

JSON_ARRAY_EXPECTED = 'a JSON array of strings such as ["cat", "dog"], because the text begins with "["'

QUOTED_EXPECTED = 'a closing quote (") and then a comma or the end of the line'

MAX_SHOWN_CHARS = 80

_SPACE = "".join(set(WHITE_SPACE) - set(LINE_ENDS)) + BYTE_ORDER_MARK

_QUOTED_ITEM = re.compile(f'[{_SPACE}]*"((?:[^"]|"")*)"[{_SPACE}]*(?=[{COMMAS}{LINE_ENDS}]|$)')

_PLAIN_ITEM = re.compile(f"[^{COMMAS}{LINE_ENDS}]*")

_STARTS_QUOTED = re.compile(f'[{_SPACE}]*"')


def split_labels(text: str, field: str = "labels") -> list[str]:
    """Return the labels in a text, as they are written.

    Labels stand between commas of any script or on lines of their own; blank ones are skipped. Double quotes
    around a label protect commas in it, and two double quotes in it are one (RFC 4180). A text that begins
    with a square bracket is a JSON array of strings.

    Args:
        text: The text.
        field: Name of the list in the message of an error.

    Raises:
        InvalidRequest: The text begins like a JSON array and is none, or a quote is not closed.
    """
    if trim(text).startswith("["):
        return _json_strings(trim(text), field)
    labels, position = list[str](), 0
    while position <= len(text):
        label, end = _item(text, position, field)
        if label is not None:
            labels.append(label)
        position = end + 1
    return labels


def _item(text: str, start: int, field: str) -> tuple[str | None, int]:
    """Return the label that begins at `start`, None for a blank one, and the place of its separator."""
    if quoted := _QUOTED_ITEM.match(text, start):
        return quoted[1].replace('""', '"'), quoted.end()
    if _STARTS_QUOTED.match(text, start):
        raise InvalidRequest(f"{field}: expected {QUOTED_EXPECTED}, got {_shorten(text[start:])!r}")
    plain = _PLAIN_ITEM.match(text, start)
    assert plain is not None
    return trim(plain[0]) or None, plain.end()


def _json_strings(text: str, field: str) -> list[str]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(isinstance(label, str) for label in found):
        raise InvalidRequest(f"{field}: expected {JSON_ARRAY_EXPECTED}, got {_shorten(text)!r}")
    return found


def _shorten(text: str) -> str:
    return text if len(text) <= MAX_SHOWN_CHARS else text[: MAX_SHOWN_CHARS - 1] + "…"
