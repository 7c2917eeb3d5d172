"""Photographs in folders that are named like what they show."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from domain.arrays import Rgb
from domain.batches import batched
from domain.errors import InvalidRequest, ServiceError
from services.progress import Progress
from services.vocabularies.parse import name_of_folder
from tools.categorize.folder_types import Listing, PhotoFile, Problem
from tools.compare.classifier import Targets

LEAST_CLASSES = 2
LEAST_IMAGES = 2
"""A class needs one to learn from and one to be asked about."""

Read = Callable[[PhotoFile], Rgb]
"""Gives the pixels of a file; raises ServiceError or OSError for what is none."""


@dataclass(frozen=True)
class Examples:
    """Photographs with their classes.

    Attributes:
        names: Of the classes, sorted.
        files: The photographs.
        targets: The class of each, int64 [N].
    """

    names: tuple[str, ...]
    files: tuple[PhotoFile, ...]
    targets: Targets


@dataclass(frozen=True)
class Collected:
    """A folder of classes, looked through.

    Attributes:
        examples: All photographs that can be read.
        problems: Files that cannot.
        ignored: How many files are no photographs by their suffix, or lie in no class folder.
    """

    examples: Examples
    problems: tuple[Problem, ...]
    ignored: int


class Gallery:
    """The pixels of some photographs, read whenever they are asked for: they need not fit into memory."""

    def __init__(self, files: Sequence[PhotoFile], read: Read) -> None:
        self._files = files
        self._read = read

    def __iter__(self) -> Iterator[Rgb]:
        return map(self._read, self._files)

    def __len__(self) -> int:
        return len(self._files)

    def batches(self, size: int) -> Iterator[list[Rgb]]:
        """All of them in order, `size` at a time."""
        return batched(self, size)


def collect(listing: Listing, read: Read, limit: int | None, seed: int, progress: Progress) -> Collected:
    """The classes of a folder, each the name of a folder in it; `_` in a name stands for a blank.

    Args:
        listing: What lies in the folder and below it.
        read: Every photograph is read once, so that a broken one is found before anything is trained.
        limit: At most so many photographs of a class, drawn at random; None: all.
        seed: Of that draw.
        progress: Told how far it is.

    Raises:
        InvalidRequest: Fewer than two classes, two that differ in `_` only, or one with fewer than two
            photographs that can be read.
    """
    classes = _classes(listing)
    chosen = {name: _drawn(files, limit, (seed, row)) for row, (name, files) in enumerate(classes.items())}
    total, good, problems = sum(map(len, chosen.values())), dict[str, list[PhotoFile]](), list[Problem]()
    done = 0
    for name, files in chosen.items():
        good[name] = []
        for file in files:
            reason = _trouble(file, read)
            problems += [Problem(file.path, reason)] if reason else []
            good[name] += [] if reason else [file]
            done += 1
            progress.step("read", done, total, f"read {done}/{total}")
    _check_counts({name: len(files) for name, files in good.items()})
    readable = tuple(file for of_class in good.values() for file in of_class)
    targets = np.repeat(np.arange(len(good)), [len(of_class) for of_class in good.values()])
    loose = sum("/" not in file.path for file in listing.files)
    examples = Examples(tuple(good), readable, targets)
    return Collected(examples, (*listing.problems, *problems), listing.ignored + loose)


def _classes(listing: Listing) -> dict[str, list[PhotoFile]]:
    folders: dict[str, list[PhotoFile]] = defaultdict(list)
    for file in listing.files:
        folder, _, rest = file.path.partition("/")
        if rest:
            folders[folder].append(file)
    if len(folders) < LEAST_CLASSES:
        raise InvalidRequest(
            f"expected a folder with at least {LEAST_CLASSES} class folders of photographs, "
            f"got {len(folders)}: each class is a folder named like what it shows"
        )
    names = {folder: name_of_folder(folder) for folder in sorted(folders)}
    if len(set(names.values())) != len(names):
        raise InvalidRequest("expected class folders whose names differ in more than `_`")
    return {names[folder]: folders[folder] for folder in names}


def _drawn(files: Sequence[PhotoFile], limit: int | None, seed: tuple[int, int]) -> list[PhotoFile]:
    if limit is None or len(files) <= limit:
        return list(files)
    rows = np.random.default_rng(seed).permutation(len(files))[:limit]
    return [files[row] for row in sorted(rows)]


def _trouble(file: PhotoFile, read: Read) -> str:
    """Why a file cannot be read; empty where it can."""
    try:
        read(file)
    except ServiceError as error:
        return error.message
    except OSError as error:
        return f"could not be read: {error.strerror or error}"
    return ""


def _check_counts(counts: dict[str, int]) -> None:
    few = [f"{name} ({count})" for name, count in counts.items() if count < LEAST_IMAGES]
    if few:
        raise InvalidRequest(
            f"expected at least {LEAST_IMAGES} readable photographs in each class folder, got fewer in "
            + ", ".join(few)
        )
