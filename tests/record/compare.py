"""Says where two records differ, exactly or within what other processors change."""

import re
from collections.abc import Iterator
from typing import Any

ALLOWED: tuple[str, ...] = ()
"""Regular expressions of places where a new record may have members that the old one has not."""

TOLERANCE, RELATIVE_TOLERANCE = 0.02, 0.005
"""Largest differences of decimal numbers: of probabilities, and of numbers above 4 such as depths."""

PIXEL_MEMBERS = ("area", "bbox", "quad")
PIXEL_TOLERANCE, RELATIVE_PIXEL_TOLERANCE = 3, 0.02
"""Largest differences of whole numbers that measure pixels."""

GREY_LEVELS = 8
"""Largest difference of a colour."""

COLOR_MEMBERS = ("thumb", "hex")
LINE_MEMBERS = ("stdout", "lines")
NUMBER = re.compile(r"#[0-9a-f]{6}\b|\d+(?:\.\d+)?")
HEXADECIMAL = re.compile(r"(?:[0-9a-f]{2})+")
BAR = re.compile("█+")


def differences(old: Any, new: Any, exactly: bool = False) -> list[str]:
    """Return a line for each place where the records differ."""
    return list(_differences(old, new, "", "", exactly))


def _differences(old: Any, new: Any, place: str, member: str, exactly: bool) -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _of_objects(old, new, place, member, exactly)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, pair in enumerate(zip(old, new, strict=True)):
            yield from _differences(*pair, f"{place}[{number}]", member, exactly)
    elif not (_same(old, new) if exactly else _close(old, new, member)):
        yield f"{place}: {_shown(old)} became {_shown(new)}"


def _of_objects(
    old: dict[str, Any], new: dict[str, Any], place: str, member: str, exactly: bool
) -> Iterator[str]:
    for key in old.keys() - new.keys():
        yield f"{place}.{key}: {_shown(old[key])} is gone"
    for key in new.keys() - old.keys():
        if not any(re.fullmatch(allowed, f"{place}.{key}") for allowed in ALLOWED):
            yield f"{place}.{key}: {_shown(new[key])} is new"
    for key in old:
        if key in new:
            name = member if key == "first" else key  # A list that was shortened stands for its member.
            yield from _differences(old[key], new[key], f"{place}.{key}", name, exactly)


def _same(old: Any, new: Any) -> bool:
    return type(old) is type(new) and bool(old == new)


def _close(old: Any, new: Any, member: str) -> bool:
    """Whether two values that are no objects and no lists of one length are as good as equal."""
    match old, new:
        case (bool(), _) | (_, bool()):
            return _same(old, new)
        case int() | float(), int() | float():
            return _close_numbers(old, new, member in PIXEL_MEMBERS)
        case str(), str():
            return old == new or _close_texts(old, new, member)
    return _same(old, new)


def _close_numbers(old: int | float, new: int | float, pixels: bool) -> bool:
    if isinstance(old, float) or isinstance(new, float):
        return abs(old - new) <= max(TOLERANCE, RELATIVE_TOLERANCE * abs(old))
    return old == new or (
        pixels and abs(old - new) <= max(PIXEL_TOLERANCE, RELATIVE_PIXEL_TOLERANCE * abs(old))
    )


def _close_texts(old: str, new: str, member: str) -> bool:
    """Whether two texts with colours or numbers in them are as good as equal."""
    if member in COLOR_MEMBERS:
        return _close_colors(old.removeprefix("#"), new.removeprefix("#"))
    if member not in LINE_MEMBERS:
        return False
    old, new = BAR.sub("█", old), BAR.sub("█", new)
    if NUMBER.sub("0", old).split() != NUMBER.sub("0", new).split():
        return False
    return all(map(_close_words, NUMBER.findall(old), NUMBER.findall(new)))


def _close_words(old: str, new: str) -> bool:
    """Whether two colours or numbers of a printed line, among them percentages, are as good as equal."""
    if old.startswith("#") and new.startswith("#"):
        return _close_colors(old[1:], new[1:])
    if old.startswith("#") or new.startswith("#"):
        return False
    percent = 100 * TOLERANCE
    return abs(float(old) - float(new)) <= max(percent, RELATIVE_PIXEL_TOLERANCE * float(old))


def _close_colors(old: str, new: str) -> bool:
    if len(old) != len(new) or not (HEXADECIMAL.fullmatch(old) and HEXADECIMAL.fullmatch(new)):
        return False
    pairs = zip(bytes.fromhex(old), bytes.fromhex(new), strict=True)
    return all(abs(one - other) <= GREY_LEVELS for one, other in pairs)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:199]}…"
