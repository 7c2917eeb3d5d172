"""A folder on this machine whose photographs are sorted into another one."""

import os
import stat
from collections.abc import Collection, Iterator
from pathlib import Path

from tools.categorize.placing import complete_placement, place_file
from tools.categorize.types import FileAction, FileProblem, FolderListing, PhotoFile


class DiskFolder:
    """The port `PhotoFolder`.

    Args:
        root: Where the photographs are.
        out: Where they go; made when the first one does.
        suffixes: Of photographs, in lower case.
        without: Folders that are not looked into.
    """

    def __init__(self, root: Path, out: Path, suffixes: Collection[str], without: Collection[Path]) -> None:
        self._root = root.resolve()
        self._out = out.resolve()
        self._suffixes = suffixes
        self._without = frozenset(folder.resolve() for folder in without)

    def listing(self, recursive: bool) -> FolderListing:
        """What lies in the folder. Hidden files and folders, and those of `without`, are left out."""
        walk = _FolderWalk(self._root, self._suffixes, self._without, recursive)
        return walk.listing()

    def read(self, file: PhotoFile) -> bytes:
        """Its bytes.

        Raises:
            OSError: It cannot be read.
        """
        return (self._root / file.path).read_bytes()

    def taken(self, target: str) -> bool:
        """Whether something has that name, be it a broken link."""
        return os.path.lexists(self._out / target)

    def put(self, file: PhotoFile, target: str, action: FileAction) -> None:
        """Copy, move or link the file to `target`: afterwards all of it is there.

        Raises:
            FileExistsError: The name is taken.
            OSError: It cannot be done; the source is as it was.
        """
        destination = self._out / target
        if not destination.parent.is_dir():
            _make_folder(destination.parent)
        place_file(self._root / file.path, destination, action)

    def finish(self, file: PhotoFile, target: str, action: FileAction) -> bool:
        """Finish a `put` that may have been interrupted anywhere; False where it must be done anew."""
        return complete_placement(self._root / file.path, self._out / target, action)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True)
    except FileExistsError as error:  # not the name of the photograph is taken, but that of its folder
        raise NotADirectoryError(f"expected a folder at {folder}, got something else") from error


class _FolderWalk:
    """One walk through a folder, with what it met on its way."""

    def __init__(
        self, root: Path, suffixes: Collection[str], without: Collection[Path], recursive: bool
    ) -> None:
        self._root = root
        self._suffixes = suffixes
        self._without = without
        self._recursive = recursive
        self._ignored = 0
        self._linked = 0
        self._problems: list[FileProblem] = []

    def listing(self) -> FolderListing:
        files = tuple(sorted(self._files()))
        return FolderListing(files, self._ignored, self._linked, tuple(sorted(self._problems)))

    def _files(self) -> Iterator[PhotoFile]:
        waiting = [self._root]
        while waiting:
            for entry in self._inside(waiting.pop()):
                try:
                    if self._is_folder(entry):
                        waiting += [Path(entry.path)] if self._wanted(entry) else []
                    elif self._is_photograph(entry):
                        yield self._file(entry)
                except OSError as error:
                    self._problem(entry.path, error)

    def _inside(self, folder: Path) -> Iterator[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                yield from entries
        except OSError as error:
            self._problem(folder, error)

    def _is_folder(self, entry: os.DirEntry[str]) -> bool:
        if entry.is_symlink() and entry.is_dir():
            self._linked += 1
        return entry.is_dir()

    def _wanted(self, entry: os.DirEntry[str]) -> bool:
        """A link to a folder may lead round in a circle, or out: it is not followed."""
        hidden = entry.name.startswith(".")
        return (
            self._recursive and not (hidden or entry.is_symlink()) and Path(entry.path) not in self._without
        )

    def _is_photograph(self, entry: os.DirEntry[str]) -> bool:
        named = Path(entry.name).suffix.lower() in self._suffixes and not entry.name.startswith(".")
        self._ignored += not named
        return named

    def _file(self, entry: os.DirEntry[str]) -> PhotoFile:
        status = entry.stat()
        if not stat.S_ISREG(status.st_mode):  # to read a pipe would wait for ever
            raise OSError("expected a regular file, got a pipe, socket or device")
        return PhotoFile(self._relative(entry.path), status.st_size, status.st_mtime_ns)

    def _relative(self, path: str | Path) -> str:
        return Path(path).relative_to(self._root).as_posix()

    def _problem(self, path: str | Path, error: OSError) -> None:
        self._problems.append(FileProblem(self._relative(path), error.strerror or str(error)))
