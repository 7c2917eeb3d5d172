"""Photographs in folders that are named like what they show."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Rgb
from domain.batches import batched
from domain.errors import InvalidRequest, ServiceError
from services.progress import Progress
from services.vocabularies.parse import label_of_folder
from tools.categorize.types import FileProblem, FolderListing, PhotoFile
from tools.compare.classifier import Targets

MIN_CLASSES = 2

MIN_IMAGES_PER_CLASS = 2
"""A class needs one to learn from and one to be asked about."""

ReadImage = Callable[[PhotoFile], Rgb]
"""Gives the pixels of a file; raises ServiceError or OSError for what is none."""


@dataclass(frozen=True)
class LabelledFiles:
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
class LabelledFolder:
    """A folder of classes, looked through.

    Attributes:
        examples: All photographs that can be read.
        problems: Files that cannot.
        ignored: How many files are no photographs by their suffix, or lie in no class folder.
    """

    examples: LabelledFiles
    problems: tuple[FileProblem, ...]
    ignored: int


class LazyImages:
    """The pixels of some photographs, read whenever they are asked for: they need not fit into memory."""

    def __init__(self, files: Sequence[PhotoFile], read: ReadImage) -> None:
        self._files = files
        self._read = read

    def __iter__(self) -> Iterator[Rgb]:
        return map(self._read, self._files)

    def __len__(self) -> int:
        return len(self._files)

    def batches(self, size: int) -> Iterator[list[Rgb]]:
        """All of them in order, `size` at a time."""
        return batched(self, size)


def collect_files(
    listing: FolderListing, read: ReadImage, limit: int | None, seed: int, progress: Progress
) -> LabelledFolder:
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
    classes = _class_folders(listing)
    chosen = {
        name: _sample_files(files, limit, (seed, row)) for row, (name, files) in enumerate(classes.items())
    }
    total, good, problems = sum(map(len, chosen.values())), dict[str, list[PhotoFile]](), list[FileProblem]()
    done = 0
    for name, files in chosen.items():
        good[name] = []
        for file in files:
            reason = _read_error(file, read)
            problems += [FileProblem(file.path, reason)] if reason else []
            good[name] += [] if reason else [file]
            done += 1
            progress.step("read", done, total, f"read {done}/{total}")
    _check_class_sizes({name: len(files) for name, files in good.items()})
    readable = tuple(file for of_class in good.values() for file in of_class)
    targets = np.repeat(np.arange(len(good)), [len(of_class) for of_class in good.values()])
    loose = sum("/" not in file.path for file in listing.files)
    examples = LabelledFiles(tuple(good), readable, targets)
    return LabelledFolder(examples, (*listing.problems, *problems), listing.ignored + loose)


def _class_folders(listing: FolderListing) -> dict[str, list[PhotoFile]]:
    folders: dict[str, list[PhotoFile]] = defaultdict(list)
    for file in listing.files:
        folder, _, rest = file.path.partition("/")
        if rest:
            folders[folder].append(file)
    if len(folders) < MIN_CLASSES:
        raise InvalidRequest(
            f"expected a folder with at least {MIN_CLASSES} class folders of photographs, "
            f"got {len(folders)}: each class is a folder named like what it shows"
        )
    names = {folder: label_of_folder(folder) for folder in sorted(folders)}
    if len(set(names.values())) != len(names):
        raise InvalidRequest("expected class folders whose names differ in more than `_`")
    return {names[folder]: folders[folder] for folder in names}


def _sample_files(files: Sequence[PhotoFile], limit: int | None, seed: tuple[int, int]) -> list[PhotoFile]:
    if limit is None or len(files) <= limit:
        return list(files)
    rows = np.random.default_rng(seed).permutation(len(files))[:limit]
    return [files[row] for row in sorted(rows)]


def _read_error(file: PhotoFile, read: ReadImage) -> str:
    """Why a file cannot be read; empty where it can."""
    try:
        read(file)
    except ServiceError as error:
        return error.message
    except OSError as error:
        return f"could not be read: {error.strerror or error}"
    return ""


def _check_class_sizes(counts: dict[str, int]) -> None:
    few = [f"{name} ({count})" for name, count in counts.items() if count < MIN_IMAGES_PER_CLASS]
    if few:
        raise InvalidRequest(
            f"expected at least {MIN_IMAGES_PER_CLASS} readable photographs in each class folder, got "
            f"fewer in " + ", ".join(few)
        )


RowIndices = NDArray[np.int64]


@dataclass(frozen=True)
class TrainTestSplit:
    """Rows of the examples.

    Attributes:
        train: To learn from; those of each class in random order, so that the first k are a draw of k.
        test: To be asked about.
    """

    train: RowIndices
    test: RowIndices


def stratified_split(targets: Targets, test_share: float, seed: int) -> TrainTestSplit:
    """A random split with the same share of every class in `test`, and at least one of it on either side.

    The order of a class depends on the seed and on that class alone.

    Args:
        targets: int64 [N]; every class has at least two examples.
        test_share: 0..1.
        seed: Of the draw.
    """
    train, test = [], []
    for target in np.unique(targets):
        rows = np.random.default_rng((seed, int(target))).permutation(np.flatnonzero(targets == target))
        count = min(max(1, round(test_share * len(rows))), len(rows) - 1)
        test.append(rows[:count])
        train.append(rows[count:])
    return TrainTestSplit(np.concatenate(train), np.sort(np.concatenate(test)))


def first_per_class(targets: Targets, count: int) -> RowIndices:
    """Rows of the first `count` examples of every class, or of all where there are fewer."""
    return np.concatenate([np.flatnonzero(targets == target)[:count] for target in np.unique(targets)])


def held_out_classes(classes: int, share: float, seed: int) -> RowIndices:
    """A share of the classes at random, sorted: none where fewer than two would be left."""
    count = min(round(share * classes), classes - 2)
    if count <= 0:
        return np.zeros(0, np.int64)
    return np.sort(np.random.default_rng(seed).permutation(classes)[:count])
