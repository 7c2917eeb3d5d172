"""Implements the port `PhotoFolder` on the disk of this machine."""

import os
from collections.abc import Collection
from pathlib import Path

from services.images.files import list_folder
from tools.categorize.file_actions import complete_placement, place_file
from tools.categorize.types import FileAction, FileProblem, FolderListing, PhotoFile


class DiskFolder:
    """The port `PhotoFolder`.

    Args:
        root: Folder of the images.
        out: Output folder; it is made with the first image placed in it.
        excluded: Folders that are not listed.
    """

    def __init__(self, root: Path, out: Path, excluded: Collection[Path]) -> None:
        self._root = root.resolve()
        self._out = out.resolve()
        self._excluded = excluded

    def list_files(self, recursive: bool) -> FolderListing:
        """List the folder without hidden files and folders and without the excluded ones."""
        found = list_folder(self._root, recursive, self._excluded)
        files = [
            PhotoFile(self._relative(path), status.st_size, status.st_mtime_ns)
            for path, status in found.images.items()
        ]
        problems = [FileProblem(self._relative(problem.path), problem.reason) for problem in found.problems]
        return FolderListing(
            tuple(sorted(files)), found.passed_over, found.linked_folders, tuple(sorted(problems))
        )

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

    def _relative(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True)
    except FileExistsError as error:  # FileExistsError would mean that the image's own path is in use.
        raise NotADirectoryError(f"expected a folder at {folder}, got something else") from error
