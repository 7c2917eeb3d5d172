"""Knows which stored images have the same bytes, without reading their records."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

_SEPARATOR: Final = "."

_FOLDER_DIGITS: Final = 3
"""Digits of a SHA-256 that name the folder of its files, so that a folder stays small."""


class ContentIndex:
    """An empty file for each image, named by the SHA-256 of its bytes and its file_id.

    The files are hints: a reader must ask for the record of an image that one of them names. Processes and
    threads may share them. They need no flush, because after a crash no results are cached that they protect.

    Args:
        root: Folder of the files; it is made with the first one.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def add(self, sha256: str, file_id: str) -> None:
        """Note the bytes of an image.

        Raises:
            OSError: The disk is full or cannot be written.
        """
        path = self._path(sha256, file_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    def remove(self, sha256: str, file_id: str) -> None:
        """Forget the bytes of an image, if they are noted."""
        with suppress(OSError):
            self._path(sha256, file_id).unlink()

    def file_ids(self, sha256: str) -> Iterator[str]:
        """Yield the ids that were noted for these bytes.

        Raises:
            OSError: The disk cannot be read.
        """
        with suppress(FileNotFoundError):
            for path in self._path(sha256, "").parent.glob(f"{sha256}{_SEPARATOR}*"):
                yield path.name.partition(_SEPARATOR)[2]

    def _path(self, sha256: str, file_id: str) -> Path:
        return self._root / sha256[:_FOLDER_DIGITS] / f"{sha256}{_SEPARATOR}{file_id}"
