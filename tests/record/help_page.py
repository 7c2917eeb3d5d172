"""Reads the page of `--help`: options with their types, defaults and ranges, and the number of arguments."""

import re
from collections.abc import Iterator
from typing import Any

KINDS = re.compile(r"(TEXT|INTEGER|FLOAT|BOOLEAN|PATH|FILE|FILENAME|DIRECTORY)( RANGE)?|\[.*\]")
"""Names that click gives to types, and lists of choices; a command's own words for a value may change."""

EXTRA = re.compile(r"required|.*x[<>]=?.*|default: [^- ]\S*(, \S+)*")
"""Facts in the brackets that end the help of an option; other words there are prose."""


def parsed(page: str) -> dict[str, Any]:
    """Return what the page says without its prose."""
    usage = page.partition("Usage: ")[2].partition("\n\n")[0].split()
    return {
        "arguments": [
            re.sub(r"[A-Z][A-Z_]*", "ARG", word) for word in usage if word.isupper() or "..." in word
        ],
        "options": {name: facts for text in _entries(page, "Options:") for name, facts in [_option(text)]},
        "commands": [text.split()[0] for text in _entries(page, "Commands:")],
    }


def _entries(page: str, heading: str) -> Iterator[str]:
    """Yield the entries of a section, each as its name, two blanks and its help in one line."""
    section = page.partition(f"\n{heading}\n")[2].partition("\n\n")[0]
    for entry in re.split(r"\n?^  (?=\S)", section, flags=re.MULTILINE)[1:]:
        yield re.sub(r"\n\s+", "  ", entry.strip())


def _option(text: str) -> tuple[str, str]:
    """Return the names of an option, and its type, default and range."""
    declaration, _, described = text.partition("  ")
    words = re.split(r",? ", declaration)
    names = [word for word in words if word.startswith("-")]
    kind = " ".join(word for word in words if not word.startswith("-") and word != "/")
    extras = re.search(r"\[([^\[\]]*)\]\s*$", described)
    facts = re.sub(r"\s+", " ", extras[1]).split("; ") if extras else []
    kept = [fact for fact in facts if EXTRA.fullmatch(fact)]
    return ", ".join(names), "; ".join([kind if KINDS.fullmatch(kind) or not kind else "VALUE", *kept])
