"""Collects the images of a folder of class folders, and splits them into training and test examples."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Rgb
from domain.batches import batched
from domain.errors import InvalidRequest, ServiceError
from domain.labels import label_key
from services.progress import Progress
from services.vocabularies.parse import label_of_folder
from tools.categorize.types import FileProblem, FolderListing, PhotoFile
from tools.compare.classifier import Targets

MIN_CLASSES = 2

MIN_IMAGES_PER_CLASS = 2
"""One image for training and one for testing."""

ReadImage = Callable[[PhotoFile], Rgb]
"""Reads the pixels of a file, uint8 [H, W, 3]; raises ServiceError or OSError where it cannot."""

RowIndices = NDArray[np.int64]
"""Indices of examples or classes, int64 [N]."""


@dataclass(frozen=True)
class LabelledFiles:
    """Image files with their classes.

    Attributes:
        class_names: Names of the classes, sorted.
        files: N files.
        targets: Class of each file, int64 [N].
    """

    class_names: tuple[str, ...]
    files: tuple[PhotoFile, ...]
    targets: Targets


@dataclass(frozen=True)
class LabelledFolder:
    """The content of a folder of class folders.

    Attributes:
        examples: All readable images.
        problems: Files that cannot be read.
        ignored: Number of files without the suffix of an image or outside the class folders.
    """

    examples: LabelledFiles
    problems: tuple[FileProblem, ...]
    ignored: int


class LazyImages:
    """The pixels of image files, read on each iteration, so that they need not fit into memory.

    Args:
        files: The files.
        read: Reads a file.
    """

    def __init__(self, files: Sequence[PhotoFile], read: ReadImage) -> None:
        self._files = files
        self._read = read

    def __iter__(self) -> Iterator[Rgb]:
        return map(self._read, self._files)

    def __len__(self) -> int:
        return len(self._files)

    def batches(self, size: int) -> Iterator[list[Rgb]]:
        """Yield all images in order, `size` at a time."""
        return batched(self, size)


def collect_files(
    listing: FolderListing, read: ReadImage, limit: int | None, seed: int, progress: Progress
) -> LabelledFolder:
    """Return the examples of a folder; a class has the name of its folder, with blanks for `_`.

    Args:
        listing: Content of the folder and of all folders below it.
        read: Reads a file. Every file is read once, so that a broken one is found before the training.
        limit: Largest number of images per class, drawn at random; None takes all.
        seed: Seed of that draw.
        progress: Receives a step for each file.

    Raises:
        InvalidRequest: There are fewer than two classes, two that differ only in `_`, or one with fewer
            than two readable images.
    """
    folders = _class_folders(listing)
    samples = {
        name: _sample_files(files, limit, (seed, index))
        for index, (name, files) in enumerate(folders.items())
    }
    readable, problems = _readable_files(samples, read, progress)
    _check_class_sizes({name: len(files) for name, files in readable.items()})
    counts = [len(files) for files in readable.values()]
    examples = LabelledFiles(
        class_names=tuple(readable),
        files=tuple(file for files in readable.values() for file in files),
        targets=np.repeat(np.arange(len(readable)), counts),
    )
    outside = sum("/" not in file.path for file in listing.files)
    return LabelledFolder(
        examples, (*listing.problems, *problems), sum(listing.passed_over.values()) + outside
    )


def _class_folders(listing: FolderListing) -> dict[str, list[PhotoFile]]:
    folders: dict[str, list[PhotoFile]] = defaultdict(list)
    for file in listing.files:
        folder, _, rest = file.path.partition("/")
        if rest:
            folders[folder].append(file)
    if len(folders) < MIN_CLASSES:
        raise InvalidRequest(
            f"expected a folder with at least {MIN_CLASSES} class folders of photographs, "
            f"got {len(folders)}: each class is a folder named after what its photographs show"
        )
    names = {folder: label_of_folder(folder) for folder in sorted(folders)}
    if len({*map(label_key, names.values())}) != len(names):
        raise InvalidRequest("expected class folders whose names differ in more than case and `_`")
    return {names[folder]: folders[folder] for folder in names}


def _sample_files(files: Sequence[PhotoFile], limit: int | None, seed: tuple[int, int]) -> list[PhotoFile]:
    if limit is None or len(files) <= limit:
        return list(files)
    rows = np.random.default_rng(seed).permutation(len(files))[:limit]
    return [files[row] for row in sorted(rows)]


def _readable_files(
    samples: dict[str, list[PhotoFile]], read: ReadImage, progress: Progress
) -> tuple[dict[str, list[PhotoFile]], list[FileProblem]]:
    """Return the readable files by class, and the problems of the others."""
    readable: dict[str, list[PhotoFile]] = {name: [] for name in samples}
    problems, total = list[FileProblem](), sum(map(len, samples.values()))
    entries = ((name, file) for name, files in samples.items() for file in files)
    for done, (name, file) in enumerate(entries, 1):
        reason = _read_error(file, read)
        if reason:
            problems.append(FileProblem(file.path, reason))
        else:
            readable[name].append(file)
        progress.step("read", done, total, f"read {done}/{total}")
    return readable, problems


def _read_error(file: PhotoFile, read: ReadImage) -> str:
    """Return the reason why a file cannot be read, or an empty string where it can."""
    try:
        read(file)
    except ServiceError as error:
        return error.message
    except OSError as error:
        return f"could not be read: {error.strerror or error}"
    return ""


def _check_class_sizes(counts: dict[str, int]) -> None:
    small = [f"{name} ({count})" for name, count in counts.items() if count < MIN_IMAGES_PER_CLASS]
    if small:
        raise InvalidRequest(
            f"expected at least {MIN_IMAGES_PER_CLASS} readable photographs in each class folder, got "
            f"fewer in {', '.join(small)}"
        )


@dataclass(frozen=True)
class TrainTestSplit:
    """Indices of the training and the test examples.

    Attributes:
        train: Training examples; those of each class in random order, so that the first k are a sample.
        test: Test examples, ascending.
    """

    train: RowIndices
    test: RowIndices


def stratified_split(targets: Targets, test_share: float, seed: int) -> TrainTestSplit:
    """Return a random split with the same share of every class, and at least one example, on each side.

    The order of a class depends on the seed and on that class alone.

    Args:
        targets: Classes, int64 [N]; every class has at least two examples.
        test_share: Share of the test examples, 0 to 1.
        seed: Seed of the draw.
    """
    train, test = [], []
    for target in np.unique(targets):
        rows = np.random.default_rng((seed, int(target))).permutation(np.flatnonzero(targets == target))
        count = min(max(1, round(test_share * len(rows))), len(rows) - 1)
        test.append(rows[:count])
        train.append(rows[count:])
    return TrainTestSplit(np.concatenate(train), np.sort(np.concatenate(test)))


def first_per_class(targets: Targets, count: int) -> RowIndices:
    """Return the indices of the first `count` examples of each class, or of all where it has fewer."""
    return np.concatenate([np.flatnonzero(targets == target)[:count] for target in np.unique(targets)])


def held_out_classes(classes: int, share: float, seed: int) -> RowIndices:
    """Return a random share of the classes, ascending, such that at least two others are left."""
    count = min(round(share * classes), classes - 2)
    if count <= 0:
        return np.zeros(0, np.int64)
    return np.sort(np.random.default_rng(seed).permutation(classes)[:count])
