"""Chooses a folder name for each category and an unused path for each image."""

import os
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import count
from pathlib import PurePosixPath
from typing import Final

from tools.categorize.reports import REPORT_NAMES
from tools.categorize.types import PhotoFolder, SortPlan

MAX_FOLDER_NAME_BYTES: Final = 100
MAX_FILE_NAME_BYTES: Final = 255
"""Limit of most file systems."""

_FORBIDDEN_CHARS: Final = str.maketrans(dict.fromkeys('<>:"/\\|?*', "_"))
_WINDOWS_DEVICE_NAMES: Final = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}
)
"""Names that Windows, which may read the disk as well, does not allow for folders."""


def category_folders(plan: SortPlan) -> dict[str, str]:
    """Return the folder name of each category of a plan; none is the name of a report."""
    return category_folder_names(plan.categories, REPORT_NAMES)


def category_folder_names(categories: Sequence[str], reserved: Collection[str] = ()) -> dict[str, str]:
    """Return a folder name for each category: unique, and valid on every common file system.

    Args:
        categories: Distinct labels.
        reserved: Names that no folder may have.
    """
    taken = {name.casefold() for name in reserved}
    names: dict[str, str] = {}
    # `unknown` is the last category and keeps its plain name whatever the labels are.
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
    """Unused paths of the output folder.

    Args:
        folder: Says which paths are in use.
        names: Folder name of each category.
    """

    def __init__(self, folder: PhotoFolder, names: Mapping[str, str]) -> None:
        self._folder = folder
        self._names = names
        self._last_numbers: dict[str, int] = {}

    def candidates(self, category: str, path: str) -> Iterator[str]:
        """Yield unused paths for the image at `path`: `cat/a.jpg`, `cat/a (2).jpg`, and so on."""
        name = PurePosixPath(path)
        plain = f"{self._names[category]}/{name.name}"
        # Thousands of folders may have a `1.jpg` each: numbers that were tried are not tried again.
        start = self._last_numbers.get(plain, 0)
        for number, candidate in enumerate(_numbered_names(name.stem, name.suffix, start + 1), start + 1):
            target = f"{self._names[category]}/{candidate}"
            self._last_numbers[plain] = number
            if not self._folder.exists(target):
                yield target


def _numbered_names(stem: str, suffix: str, start: int = 1) -> Iterator[str]:
    for number in count(start):
        ending = f" ({number}){suffix}" if number > 1 else suffix
        yield _truncate_bytes(stem, MAX_FILE_NAME_BYTES - len(os.fsencode(ending))) + ending


def _truncate_bytes(text: str, size: int) -> str:
    """Return the longest beginning of `text` that has at most `size` bytes."""
    while len(os.fsencode(text)) > size:
        text = text[:-1]
    return text
