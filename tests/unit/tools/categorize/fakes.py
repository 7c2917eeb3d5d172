"""Fakes of the ports of categorize in memory, where a run can be made to die at any step."""

from collections.abc import Iterable, Iterator

import numpy as np

from adapters.memory_cache import ByteBudgetCache
from adapters.threads import ThreadWorkerPool
from domain.arrays import Rgb
from services.images.limits import ImageLimits
from services.labels.vectors import VocabularyEncoder
from tests.conftest import lazy
from tests.fakes import ColorEncoder
from tools.categorize.labelling import BatchLabeller
from tools.categorize.types import FileAction, FolderListing, PhotoFile

COLORS = {"red": (250, 0, 0), "green": (0, 250, 0), "blue": (0, 0, 250), "white": (250, 250, 250)}


class Killed(BaseException):
    """Stands for the death of the process."""


class Mortal:
    """Raises `Killed` when its steps are used up; a write counts once before and once after it is done."""

    def __init__(self, steps: int | None = None) -> None:
        self.steps = steps

    def step(self) -> None:
        if self.steps is not None:
            self.steps -= 1
            if self.steps < 0:
                raise Killed


class MemoryFolder:
    """The port `PhotoFolder`; the bytes of an image are the name of its colour."""

    def __init__(self, files: dict[str, bytes], life: Mortal | None = None) -> None:
        self.files = dict(files)
        self.out: dict[str, bytes] = {}
        self.life = life or Mortal()
        self.read_paths: list[str] = []
        self.failing: dict[str, OSError] = {}

    def list_files(self, recursive: bool) -> FolderListing:
        found = [path for path in self.files if recursive or "/" not in path]
        return FolderListing(
            tuple(sorted(PhotoFile(path, len(self.files[path]), 7) for path in found)),
            passed_over={".txt": 2},
        )

    def read(self, file: PhotoFile) -> bytes:
        self.read_paths.append(file.path)
        if file.path in self.failing:
            raise self.failing[file.path]
        return self.files[file.path]

    def exists(self, target: str) -> bool:
        return target in self.out

    def place(self, file: PhotoFile, target: str, action: FileAction) -> None:
        self.life.step()
        if target in self.failing:
            raise self.failing[target]
        if target in self.out:
            raise FileExistsError(target)
        self.out[target] = self.files[file.path]
        self.life.step()
        if action == "move":
            del self.files[file.path]
        self.life.step()

    def complete(self, file: PhotoFile, target: str, action: FileAction) -> bool:
        if target not in self.out:
            return False
        if action == "move":
            self.files.pop(file.path, None)
        return True


class MemoryLog:
    """The port `SortLog`."""

    def __init__(self, life: Mortal | None = None) -> None:
        self.kept: list[str] = []
        self.thumbnails: dict[str, bytes] = {}
        self.reports: dict[str, str] = {}
        self.life = life or Mortal()

    def lines(self) -> Iterator[str]:
        return iter(list(self.kept))

    def append(self, line: str) -> None:
        self.life.step()
        self.kept.append(line)
        self.life.step()

    def put_thumbnail(self, key: str, jpeg: bytes) -> None:
        self.thumbnails[key] = jpeg

    def thumbnail(self, key: str) -> bytes | None:
        return self.thumbnails.get(key)

    def write_report(self, name: str, text: Iterable[str]) -> None:
        self.reports[name] = "".join(text)


def paint(data: bytes, _limits: ImageLimits) -> Rgb:
    """Return a plain image in the colour that the bytes name."""
    return np.full((20, 30, 3), COLORS[data.decode()], np.uint8)


def batch_labeller(pool: ThreadWorkerPool, encoder: ColorEncoder | None = None, read=paint) -> BatchLabeller:  # type: ignore[no-untyped-def]
    """Return a labeller over fakes; `read` decodes bytes."""
    vocabulary_encoder = VocabularyEncoder(ByteBudgetCache(1_000_000))
    return BatchLabeller(
        lazy(encoder or ColorEncoder()), vocabulary_encoder, pool, ImageLimits(1_000, 1_000_000), read
    )
