"""Defines the values and ports of `cli.py categorize`: image files, the plan of a run and its result."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from domain.labels import UNKNOWN_LABEL, LabelPrediction
from domain.models import ModelInfo
from services.labels.confidence import LabelOptions

FileAction = Literal["copy", "move", "link"]
"""An action on a file; "link" makes a symbolic link."""


@dataclass(frozen=True, order=True)
class PhotoFile:
    """A file with the suffix of an image. The same path with other content is another `PhotoFile`.

    Attributes:
        path: Path relative to the folder, its parts joined by "/".
        size: Number of bytes.
        mtime_ns: Time of the last change, in Unix nanoseconds.
    """

    path: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, order=True)
class FileProblem:
    """A file or folder that could not be used.

    Attributes:
        path: Path relative to the folder; "." is the folder itself.
        reason: One sentence for the user.
    """

    path: str
    reason: str


@dataclass(frozen=True)
class FolderListing:
    """The content of a folder.

    Attributes:
        files: Files with the suffix of an image, ordered by path.
        passed_over: Number of files with another suffix, by suffix; see `services.images.files`.
        linked_folders: Number of symbolic links to folders that were not followed.
        problems: Files and folders that could not be examined.
    """

    files: tuple[PhotoFile, ...]
    passed_over: Mapping[str, int] = field(default_factory=dict)
    linked_folders: int = 0
    problems: tuple[FileProblem, ...] = ()


class PhotoFolder(Protocol):
    """A folder of images and the folder they are sorted into. It never overwrites or loses a file."""

    def list_files(self, recursive: bool) -> FolderListing:
        """List the folder, and with `recursive` all below it; links to folders are not followed."""

    def read(self, file: PhotoFile) -> bytes:
        """Return the bytes of a file.

        Raises:
            OSError: The file cannot be read.
        """

    def exists(self, target: str) -> bool:
        """Return whether `target`, a path relative to the output folder, is in use."""

    def place(self, file: PhotoFile, target: str, action: FileAction) -> None:
        """Copy, move or link the file to `target`, completely or not at all.

        Raises:
            FileExistsError: `target` is in use.
            OSError: The action failed; the source is unchanged.
        """

    def complete(self, file: PhotoFile, target: str, action: FileAction) -> bool:
        """Complete a `place` that may have been interrupted; return False where it must be repeated."""


class SortLog(Protocol):
    """The files a run keeps beside its reports, which let an interrupted run be resumed."""

    def lines(self) -> Iterator[str]:
        """Yield all lines of the journal without their ends, except one that a crash cut off."""

    def append(self, line: str) -> None:
        """Append a line to the journal; it survives the end of this process."""

    def put_thumbnail(self, key: str, jpeg: bytes) -> None:
        """Keep a thumbnail, a JPEG file."""

    def thumbnail(self, key: str) -> bytes | None:
        """Return the thumbnail with this key, or None where there is none."""

    def write_report(self, name: str, text: Iterable[str]) -> None:
        """Write a report completely or not at all, in place of an earlier one of that name."""


@dataclass(frozen=True)
class SortPlan:
    """The request of one run.

    Attributes:
        folder: Absolute path of the folder of images.
        out: Absolute path of the output folder, which holds the folders of the categories.
        report_folder: Absolute path of the folder of the reports.
        label_options: Vocabulary, number of labels reported for each image, and least confidence.
        recursive: Whether folders inside the folder are included.
        action: Action on each image; None for a dry run.
    """

    folder: Path
    out: Path
    report_folder: Path
    label_options: LabelOptions
    recursive: bool = True
    action: FileAction | None = None

    @property
    def categories(self) -> tuple[str, ...]:
        """All labels in the order of the vocabulary, with `unknown` last."""
        names = self.label_options.vocabulary.names
        return (*(name for name in names if name != UNKNOWN_LABEL), UNKNOWN_LABEL)


@dataclass(frozen=True)
class SortedFile:
    """An image that was labelled and, except in a dry run, placed.

    Attributes:
        file: The source file.
        prediction: Its label and the alternatives.
        target: Path relative to the output folder; None in a dry run.
    """

    file: PhotoFile
    prediction: LabelPrediction
    target: str | None = None


@dataclass(frozen=True)
class SortResult:
    """The result of sorting a folder, earlier interrupted runs included.

    Attributes:
        categories: All labels in the order of the vocabulary, with `unknown` last.
        sorted_files: Images that were sorted, ordered by path.
        problems: Files that could not be sorted, ordered by path.
        passed_over: Number of files without the suffix of an image, by suffix.
        linked_folders: Number of symbolic links to folders that were not followed.
        labeller: The model that labelled the images.
    """

    categories: tuple[str, ...]
    sorted_files: tuple[SortedFile, ...]
    problems: tuple[FileProblem, ...]
    passed_over: Mapping[str, int]
    linked_folders: int
    labeller: ModelInfo

    @property
    def counts(self) -> dict[str, int]:
        """Number of images in each category, empty categories included."""
        found = Counter(file.prediction.chosen.label for file in self.sorted_files)
        return {category: found[category] for category in self.categories}

    def files_of(self, category: str) -> Sequence[SortedFile]:
        """Return the images of a category by descending confidence."""
        members = [file for file in self.sorted_files if file.prediction.chosen.label == category]
        return sorted(members, key=lambda file: -file.prediction.chosen.confidence)


def thumbnail_key(file: PhotoFile) -> str:
    """Return the key of a file's thumbnail, which is its file name on the disk without the suffix."""
    # The repr is part of the format on the disk: a rename of PhotoFile would orphan earlier thumbnails.
    return hashlib.sha256(repr(file).encode()).hexdigest()[:24]
