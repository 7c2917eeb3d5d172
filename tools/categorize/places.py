"""Names folders after categories, and finds a name for each photograph that nothing else has."""

import os
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import count
from pathlib import PurePosixPath
from typing import Final

from tools.categorize.types import PhotoFolder

LONGEST_FOLDER: Final = 100
LONGEST_NAME: Final = 255
"""Bytes, as most file systems have it."""

_FORBIDDEN: Final = str.maketrans(dict.fromkeys('<>:"/\\|?*', "_"))
_DEVICES: Final = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}
)
"""No names for folders on Windows, where a disk may be read as well."""


def folder_names(categories: Sequence[str], reserved: Collection[str] = ()) -> dict[str, str]:
    """A folder name for each category: one that every file system takes, and each another one.

    Args:
        categories: Distinct.
        reserved: Names that no folder may have.
    """
    taken = {name.casefold() for name in reserved}
    names: dict[str, str] = {}
    # From the end on: `unknown` stands there, and keeps its plain name whatever the others are.
    for category in reversed(categories):
        plain = _plain(category)
        name = next(name for name in _numbered(plain, "") if name.casefold() not in taken)
        taken.add(name.casefold())
        names[category] = name
    return names


def _plain(category: str) -> str:
    text = unicodedata.normalize("NFC", category).translate(_FORBIDDEN)
    text = "".join(char if char.isprintable() else "_" for char in text)
    text = _cut(text.strip(". "), LONGEST_FOLDER).rstrip(". ") or "_"
    return f"{text}_" if text.casefold() in _DEVICES else text


class Places:
    """Where photographs go.

    Args:
        folder: Knows which names are taken.
        names: Folder of each category.
    """

    def __init__(self, folder: PhotoFolder, names: Mapping[str, str]) -> None:
        self._folder = folder
        self._names = names
        self._used: dict[str, int] = {}

    def free(self, category: str, path: str) -> Iterator[str]:
        """Free places for the photograph at `path`, best first: `cat/a.jpg`, `cat/a (2).jpg` ..."""
        name = PurePosixPath(path)
        plain = f"{self._names[category]}/{name.name}"
        # Thousands of folders may have a `1.jpg` each: numbers that were used are not tried again.
        start = self._used.get(plain, 0)
        for number, candidate in enumerate(_numbered(name.stem, name.suffix, start + 1), start + 1):
            target = f"{self._names[category]}/{candidate}"
            self._used[plain] = number
            if not self._folder.taken(target):
                yield target


def _numbered(stem: str, suffix: str, start: int = 1) -> Iterator[str]:
    for number in count(start):
        mark = f" ({number}){suffix}" if number > 1 else suffix
        yield _cut(stem, LONGEST_NAME - len(os.fsencode(mark))) + mark


def _cut(text: str, size: int) -> str:
    """The longest beginning of `text` that has at most `size` bytes."""
    while len(os.fsencode(text)) > size:
        text = text[:-1]
    return text
