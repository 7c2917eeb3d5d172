"""Shortens the exact record to the one that is committed: other processors give slightly different sums."""

import re
from typing import Any

TEXTS = ("message", "expected", "reason", "stderr", "help")
"""Members that hold prose, which may change."""

ERROR = "error"
"""A member that holds prose where it is a text, and an error otherwise."""

SHA256 = re.compile("[0-9a-f]{64}")
HASH_DIGITS = 8
LONGEST_LIST = 10
DECIMALS = 4


def summary(value: Any) -> Any:
    """Return a record without hashes of images and without prose, with shorter numbers, lists and hashes."""
    if isinstance(value, dict):
        return {key: summary(inner) for key, inner in without_texts(value).items() if key != "exact"}
    if isinstance(value, list):
        first = [summary(inner) for inner in value[:LONGEST_LIST]]
        return first if len(value) <= LONGEST_LIST else {"count": len(value), "first": first}
    if isinstance(value, str) and SHA256.fullmatch(value):
        return value[:HASH_DIGITS]
    return round(value, DECIMALS) if isinstance(value, float) else value


def without_texts(value: Any) -> Any:
    """Return a value with a placeholder for all prose in it."""
    if isinstance(value, list):
        return [without_texts(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    return {key: "<text>" if _is_text(key, inner) else without_texts(inner) for key, inner in value.items()}


def _is_text(key: str, value: Any) -> bool:
    return isinstance(value, str) and (key in TEXTS or key == ERROR) and value != ""
