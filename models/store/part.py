"""The beginning of a file that is on its way: written beside its final place, proved, then renamed."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from domain.errors import DownloadFailed, StorageUnavailable
from domain.types import WeightFile
from models.store.hashing import sha256_of


class PartFile:
    """The bytes that have come so far. It outlives its process, so that the next one goes on from there.

    Args:
        path: Where it is.
        file: What it shall become.
    """

    def __init__(self, path: Path, file: WeightFile) -> None:
        self._path = path
        self._tag = path.with_name(path.name + ".etag")
        self._file = file

    @property
    def size(self) -> int:
        """Bytes here."""
        return self._path.stat().st_size if self._path.is_file() else 0

    @property
    def etag(self) -> str | None:
        """The server's strong name for the version that the bytes are from, where it gave one."""
        return self._tag.read_text(encoding="latin-1") if self._tag.is_file() else None

    def restart(self, etag: str | None = None) -> None:
        """Drop what is here; what comes now is from version `etag`."""
        with self._storage_errors():
            self.discard()
            if etag is not None and not etag.startswith("W/"):
                self._tag.write_text(etag, encoding="latin-1")

    def discard(self) -> None:
        """Drop what is here."""
        self._path.unlink(missing_ok=True)
        self._tag.unlink(missing_ok=True)

    def check_space(self) -> None:
        """Refuse early what will not fit.

        Raises:
            StorageUnavailable: The disk has less room than the rest of the file needs.
        """
        free, needed = shutil.disk_usage(self._path.parent).free, self._file.bytes - self.size
        if free < needed:
            raise StorageUnavailable(
                f"{self._file.name} needs {needed / 1e6:,.1f} MB more in {self._path.parent}, "
                f"{free / 1e6:,.1f} MB are free",
                {"needed": needed, "free": free},
            )

    def write(self, chunk: bytes) -> None:
        """Append.

        Raises:
            DownloadFailed: The file would be longer than the manifest says; the bytes are dropped.
            StorageUnavailable: The disk is full or refuses; the bytes so far stay.
        """
        if self.size + len(chunk) > self._file.bytes:
            self.discard()
            raise DownloadFailed(f"more than the expected {self._file.bytes:,} bytes came; they are deleted")
        with self._storage_errors(), self._path.open("ab") as stream:
            stream.write(chunk)

    def publish(self, target: Path) -> None:
        """Give the complete file its final name, in one step and for good.

        Raises:
            DownloadFailed: The hash is not the manifest's; the bytes are dropped.
            StorageUnavailable: The disk refuses.
        """
        with self._storage_errors():
            if (got := sha256_of(self._path)) != self._file.sha256:
                self.discard()
                raise DownloadFailed(
                    f"expected sha256 {self._file.sha256}, got {got}; what came is deleted",
                    {"expected": self._file.sha256, "got": got},
                )
            _sync(self._path)
            self._path.replace(target)
            _sync(target.parent)
            self._tag.unlink(missing_ok=True)

    @contextmanager
    def _storage_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise StorageUnavailable(
                f"could not write {self._path}: {reason}; {self.size / 1e6:,.1f} of "
                f"{self._file.bytes / 1e6:,.1f} MB are kept for the next attempt",
                {"reason": reason},
            ) from error


def _sync(path: Path) -> None:
    """Put a file, or a folder's names, on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
