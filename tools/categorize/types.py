"""Photographs as files of a folder."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from domain.labels import UNKNOWN_LABEL, LabelPrediction
from domain.models import ModelInfo
from services.labels.confidence import LabelOptions

FileAction = Literal["copy", "move", "link"]
"""What may be done with a file. A link is a symbolic one."""


@dataclass(frozen=True, order=True)
class PhotoFile:
    """A file that should be a photograph. When its content changes, it is another one.

    Attributes:
        path: From the folder on, parts joined by "/".
        size: Bytes.
        mtime_ns: Time of the last change, Unix nanoseconds.
    """

    path: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, order=True)
class FileProblem:
    """Something that could not be used, and why.

    Attributes:
        path: From the folder on; "." is the folder itself.
        reason: One sentence.
    """

    path: str
    reason: str


@dataclass(frozen=True)
class FolderListing:
    """What lies in a folder.

    Attributes:
        files: Photographs by their suffix, ordered by path.
        ignored: How many files are none, or hidden.
        linked_folders: How many symbolic links to folders were not followed.
        problems: What could not be looked at.
    """

    files: tuple[PhotoFile, ...]
    ignored: int = 0
    linked_folders: int = 0
    problems: tuple[FileProblem, ...] = ()


class PhotoFolder(Protocol):
    """A folder of photographs, and the folder they are sorted into. Overwrites nothing, loses no source."""

    def listing(self, recursive: bool) -> FolderListing:
        """What lies in the folder, and with `recursive` below it; links to folders are not followed."""

    def read(self, file: PhotoFile) -> bytes:
        """Its bytes.

        Raises:
            OSError: It cannot be read.
        """

    def taken(self, target: str) -> bool:
        """Whether something has the name `target`, a path from the second folder on."""

    def put(self, file: PhotoFile, target: str, deed: FileAction) -> None:
        """Copy, move or link the file to `target`: afterwards all of it is there.

        Raises:
            FileExistsError: The name is taken.
            OSError: It cannot be done; the source is as it was.
        """

    def finish(self, file: PhotoFile, target: str, deed: FileAction) -> bool:
        """Finish a `put` that may have been interrupted anywhere; False where it must be done anew."""


class SortLog(Protocol):
    """What one sorting of a folder notes down, so that an interrupted one can go on."""

    @property
    def keeps(self) -> bool:
        """Whether anything is kept at all."""

    def lines(self) -> Iterator[str]:
        """All lines noted so far, without their ends; of one that was cut off by a crash, nothing."""

    def add(self, line: str) -> None:
        """Note a line; it outlives this process from now on."""

    def put_thumbnail(self, key: str, jpeg: bytes) -> None:
        """Keep a small picture."""

    def thumbnail(self, key: str) -> bytes | None:
        """The small picture under `key`, a JPEG file; None where there is none."""

    def write(self, name: str, text: Iterable[str]) -> None:
        """Write a report, whole or not at all, in place of the one of that name."""


@dataclass(frozen=True)
class SortPlan:
    """One sorting.

    Attributes:
        folder: Where the photographs are; absolute.
        out: Where the categories go; absolute.
        reports: Where the reports go; absolute.
        naming: The names, how many are told for each photograph, and the least confidence.
        recursive: Whether folders inside the folder count.
        deed: What is done with a photograph; None: nothing, a dry run.
    """

    folder: Path
    out: Path
    reports: Path
    naming: LabelOptions
    recursive: bool = True
    deed: FileAction | None = None


@dataclass(frozen=True)
class SortedFile:
    """One photograph.

    Attributes:
        file: Which.
        naming: What it is.
        target: Where it was put, from the folder of the categories on; None in a dry run.
    """

    file: PhotoFile
    naming: LabelPrediction
    target: str | None = None


@dataclass(frozen=True)
class SortResult:
    """All photographs of a folder.

    Attributes:
        categories: All names in the order they were given in, `unknown` last.
        photographs: Those that were sorted, by path.
        problems: What could not be sorted, by path.
        ignored: How many files are no photographs by their suffix, or hidden.
        linked_folders: How many symbolic links to folders were not followed.
        labeller: Which model looked.
    """

    categories: tuple[str, ...]
    photographs: tuple[SortedFile, ...]
    problems: tuple[FileProblem, ...]
    ignored: int
    linked_folders: int
    labeller: ModelInfo

    @property
    def counts(self) -> dict[str, int]:
        """How many photographs each category has, those without any included."""
        found = Counter(photograph.naming.chosen.label for photograph in self.photographs)
        return {category: found[category] for category in self.categories}

    def of(self, category: str) -> Sequence[SortedFile]:
        """The photographs of a category, the surest first."""
        mine = [found for found in self.photographs if found.naming.chosen.label == category]
        return sorted(mine, key=lambda found: -found.naming.chosen.confidence)


def category_names(names: Sequence[str]) -> tuple[str, ...]:
    """All categories: the names, and what fits none of them."""
    return (*(name for name in names if name != UNKNOWN_LABEL), UNKNOWN_LABEL)


def thumbnail_key(file: PhotoFile) -> str:
    """Names the small picture of a file among all others."""
    return hashlib.sha256(repr(file).encode()).hexdigest()[:24]
