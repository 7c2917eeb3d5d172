"""Implements the port `PhotoFolder` on the disk of this machine."""

import os
import stat
from collections.abc import Collection, Iterator
from pathlib import Path

from tools.categorize.file_actions import complete_placement, place_file
from tools.categorize.types import FileAction, FileProblem, FolderListing, PhotoFile


class DiskFolder:
    """The port `PhotoFolder`.

    Args:
        root: Folder of the images.
        out: Output folder; it is made with the first image placed in it.
        suffixes: Suffixes of image files, in lower case.
        excluded: Folders that are not listed.
    """

    def __init__(self, root: Path, out: Path, suffixes: Collection[str], excluded: Collection[Path]) -> None:
        self._root = root.resolve()
        self._out = out.resolve()
        self._suffixes = suffixes
        self._excluded = frozenset(folder.resolve() for folder in excluded)

    def list_files(self, recursive: bool) -> FolderListing:
        """List the folder without hidden files and folders and without the excluded ones."""
        return _FolderWalk(self._root, self._suffixes, self._excluded, recursive).listing()

    def read(self, file: PhotoFile) -> bytes:
        """Return the bytes of a file.

        Raises:
            OSError: The file cannot be read.
        """
        return (self._root / file.path).read_bytes()

    def exists(self, target: str) -> bool:
        """Return whether the path `target` is in use, if only by a broken link."""
        return os.path.lexists(self._out / target)

    def place(self, file: PhotoFile, target: str, action: FileAction) -> None:
        """Copy, move or link the file to `target`, completely or not at all.

        Raises:
            FileExistsError: `target` is in use.
            OSError: The action failed; the source is unchanged.
        """
        destination = self._out / target
        if not destination.parent.is_dir():
            _make_folder(destination.parent)
        place_file(self._root / file.path, destination, action)

    def complete(self, file: PhotoFile, target: str, action: FileAction) -> bool:
        """Complete a `place` that may have been interrupted; return False where it must be repeated."""
        return complete_placement(self._root / file.path, self._out / target, action)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True)
    except FileExistsError as error:  # FileExistsError would mean that the image's own path is in use.
        raise NotADirectoryError(f"expected a folder at {folder}, got something else") from error


class _FolderWalk:
    """One walk through a folder that counts what it leaves out."""

    def __init__(
        self, root: Path, suffixes: Collection[str], excluded: Collection[Path], recursive: bool
    ) -> None:
        self._root = root
        self._suffixes = suffixes
        self._excluded = excluded
        self._recursive = recursive
        self._ignored = 0
        self._linked = 0
        self._problems: list[FileProblem] = []

    def listing(self) -> FolderListing:
        files = tuple(sorted(self._files()))
        return FolderListing(files, self._ignored, self._linked, tuple(sorted(self._problems)))

    def _files(self) -> Iterator[PhotoFile]:
        pending = [self._root]
        while pending:
            for entry in self._entries(pending.pop()):
                try:
                    if self._is_folder(entry):
                        pending += [Path(entry.path)] if self._is_entered(entry) else []
                    elif self._is_image(entry):
                        yield self._photo_file(entry)
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
        skipped = entry.name.startswith(".") or entry.is_symlink() or Path(entry.path) in self._excluded
        return self._recursive and not skipped

    def _is_image(self, entry: os.DirEntry[str]) -> bool:
        image = Path(entry.name).suffix.lower() in self._suffixes and not entry.name.startswith(".")
        self._ignored += not image
        return image

    def _photo_file(self, entry: os.DirEntry[str]) -> PhotoFile:
        status = entry.stat()
        if not stat.S_ISREG(status.st_mode):  # Reading a pipe could block for ever.
            raise OSError("expected a regular file, got a pipe, socket or device")
        return PhotoFile(self._relative(entry.path), status.st_size, status.st_mtime_ns)

    def _relative(self, path: str | Path) -> str:
        return Path(path).relative_to(self._root).as_posix()

    def _add_problem(self, path: str | Path, error: OSError) -> None:
        self._problems.append(FileProblem(self._relative(path), error.strerror or str(error)))
