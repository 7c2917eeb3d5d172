"""Image files on the disk: which files of a folder count as images, and how their paths are shown."""

import os
import stat
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.images.formats import IMAGE_SUFFIXES

SYSTEM_NAMES: Final = frozenset(
    {".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini", "@eadir", "__macosx", "#recycle", "$recycle.bin"}
)
"""Files and folders, in lower case, that systems put beside photographs; they are not mentioned."""

MAX_SUFFIX_CHARS: Final = 12
"""Length up to which the suffix of a file is named; longer endings are no suffixes."""

_UNSEEN_CATEGORIES: Final = ("Cc", "Zl", "Zp")
"""Unicode categories of characters that would break a line of a terminal."""


@dataclass(frozen=True)
class UnusableFile:
    """A file or folder that could not be examined.

    Attributes:
        path: Its path, below the folder as it was named.
        reason: The reason, for people.
    """

    path: Path
    reason: str


@dataclass(frozen=True)
class FolderContent:
    """The content of a folder.

    Attributes:
        images: Files with the suffix of an image, ordered by path, with their state on the disk.
        passed_over: Number of other files by suffix, or by `hidden` or `no suffix`.
        linked_folders: Number of symbolic links to folders, which are not followed.
        problems: Files and folders that could not be examined, ordered by path.
    """

    images: Mapping[Path, os.stat_result]
    passed_over: Mapping[str, int]
    linked_folders: int
    problems: tuple[UnusableFile, ...]


def list_folder(root: Path, recursive: bool = True, excluded: Collection[Path] = ()) -> FolderContent:
    """List the images of a folder, and with `recursive` of the folders below it.

    Hidden folders and those of `SYSTEM_NAMES` are not entered. No file is opened.

    Args:
        root: The folder.
        recursive: Whether to enter the folders inside it.
        excluded: Folders inside it that are not entered.
    """
    return _FolderWalk(recursive, frozenset(map(os.path.realpath, excluded))).content(root)


def is_image_name(name: str) -> bool:
    """Return whether a file of a folder counts as an image, by its name alone."""
    return not is_hidden(name) and Path(name).suffix.lower() in IMAGE_SUFFIXES


def is_hidden(name: str) -> bool:
    """Return whether a file or folder is hidden or belongs to the system, such as macOS's `._a.jpg`."""
    return name.startswith(".") or name.lower() in SYSTEM_NAMES


def describe_passed_over(counts: Mapping[str, int]) -> str:
    """Return one sentence about files that were passed over, such as `3 files were passed over: .txt 3`."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in ordered)
    total = sum(counts.values())
    return f"{total:,} {'file was' if total == 1 else 'files were'} passed over: {kinds}"


def utf8_path(path: str | os.PathLike[str]) -> str:
    r"""Return a path as valid Unicode: each byte that is not UTF-8 is written as `\xNN`."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def display_path(path: str | os.PathLike[str]) -> str:
    r"""Return a path on one line for people: as `utf8_path`, with control characters as escapes like `\n`."""
    return "".join(map(_seen, utf8_path(path)))


def _seen(char: str) -> str:
    return repr(char)[1:-1] if unicodedata.category(char) in _UNSEEN_CATEGORIES else char


class _FolderWalk:
    """One walk through a folder that counts what it leaves out."""

    def __init__(self, recursive: bool, excluded: Collection[str]) -> None:
        self._recursive = recursive
        self._excluded = excluded
        self._passed_over: Counter[str] = Counter()
        self._linked = 0
        self._problems: list[UnusableFile] = []

    def content(self, root: Path) -> FolderContent:
        images = dict(sorted(self._images(root)))
        problems = tuple(sorted(self._problems, key=lambda problem: problem.path))
        return FolderContent(images, self._passed_over, self._linked, problems)

    def _images(self, root: Path) -> Iterator[tuple[Path, os.stat_result]]:
        pending = [root]
        while pending:
            for entry in self._entries(pending.pop()):
                try:
                    if self._is_folder(entry):
                        pending += [Path(entry.path)] if self._is_entered(entry) else []
                    elif self._is_image(entry):
                        yield Path(entry.path), _regular_file_status(entry)
                except OSError as error:
                    self._add_problem(entry.path, error)

    def _entries(self, folder: Path) -> Iterator[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                yield from entries
        except OSError as error:
            self._add_problem(folder, error)

    def _is_folder(self, entry: os.DirEntry[str]) -> bool:
        if entry.is_symlink() and entry.is_dir():
            self._linked += 1
        return entry.is_dir()

    def _is_entered(self, entry: os.DirEntry[str]) -> bool:
        # A link to a folder may form a cycle or leave the folder, so it is not followed.
        skipped = is_hidden(entry.name) or entry.is_symlink()
        return self._recursive and not skipped and os.path.realpath(entry.path) not in self._excluded

    def _is_image(self, entry: os.DirEntry[str]) -> bool:
        name = entry.name
        image = is_image_name(name)
        if not image and not name.startswith("._") and name.lower() not in SYSTEM_NAMES:
            self._passed_over["hidden" if is_hidden(name) else _kind_of(name)] += 1
        return image

    def _add_problem(self, path: str | Path, error: OSError) -> None:
        self._problems.append(UnusableFile(Path(path), error.strerror or str(error)))


def _regular_file_status(entry: os.DirEntry[str]) -> os.stat_result:
    status = entry.stat()
    if not stat.S_ISREG(status.st_mode):  # Reading a pipe could block for ever.
        raise OSError("expected a regular file, got a pipe, socket or device")
    return status


def _kind_of(name: str) -> str:
    suffix = display_path(Path(name).suffix.lower())
    return suffix if 1 < len(suffix) <= MAX_SUFFIX_CHARS else "no suffix"
