"""Names folders after categories, and finds a name for each photograph that nothing else has."""

import os
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import count
from pathlib import PurePosixPath
from typing import Final

from tools.categorize.types import PhotoFolder

MAX_FOLDER_NAME_BYTES: Final = 100
MAX_FILE_NAME_BYTES: Final = 255
"""Bytes, as most file systems have it."""

_FORBIDDEN_CHARS: Final = str.maketrans(dict.fromkeys('<>:"/\\|?*', "_"))
_WINDOWS_DEVICE_NAMES: Final = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}
)
"""No names for folders on Windows, where a disk may be read as well."""


def category_folder_names(categories: Sequence[str], reserved: Collection[str] = ()) -> dict[str, str]:
    """A folder name for each category: one that every file system takes, and each another one.

    Args:
        categories: Distinct.
        reserved: Names that no folder may have.
    """
    taken = {name.casefold() for name in reserved}
    names: dict[str, str] = {}
    # From the end on: `unknown` stands there, and keeps its plain name whatever the others are.
    for category in reversed(categories):
        plain = _safe_folder_name(category)
        name = next(name for name in _numbered_names(plain, "") if name.casefold() not in taken)
        taken.add(name.casefold())
        names[category] = name
    return names


def _safe_folder_name(category: str) -> str:
    text = unicodedata.normalize("NFC", category).translate(_FORBIDDEN_CHARS)
    text = "".join(char if char.isprintable() else "_" for char in text)
    text = _truncate_bytes(text.strip(". "), MAX_FOLDER_NAME_BYTES).rstrip(". ") or "_"
    return f"{text}_" if text.casefold() in _WINDOWS_DEVICE_NAMES else text


class TargetPaths:
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
        for number, candidate in enumerate(_numbered_names(name.stem, name.suffix, start + 1), start + 1):
            target = f"{self._names[category]}/{candidate}"
            self._used[plain] = number
            if not self._folder.taken(target):
                yield target


def _numbered_names(stem: str, suffix: str, start: int = 1) -> Iterator[str]:
    for number in count(start):
        mark = f" ({number}){suffix}" if number > 1 else suffix
        yield _truncate_bytes(stem, MAX_FILE_NAME_BYTES - len(os.fsencode(mark))) + mark


def _truncate_bytes(text: str, size: int) -> str:
    """The longest beginning of `text` that has at most `size` bytes."""
    while len(os.fsencode(text)) > size:
        text = text[:-1]
    return text
