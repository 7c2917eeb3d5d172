"""The beginning of a file that is on its way: written beside its final place, proved, then renamed."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from domain.errors import DownloadFailed, StorageUnavailable
from domain.models import WeightFile
from models.store.weights import file_sha256

MAX_UNSTATED_BYTES = 1024**3
"""A file whose size the manifest does not state may have this many bytes: without end no disk would do."""


def size_limit_message(most: int) -> str:
    """Why a file of more bytes is refused."""
    return f"a file whose size the manifest does not state may have {most:,} at most"


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
    def most(self) -> int:
        """As many bytes as may come."""
        return self._file.bytes or MAX_UNSTATED_BYTES

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

    def check_space(self, total: int) -> None:
        """Refuse early what will not fit.

        Args:
            total: Bytes of the whole file.

        Raises:
            StorageUnavailable: The disk has less room than the rest of the file needs.
        """
        free, needed = shutil.disk_usage(self._path.parent).free, total - self.size
        if free < needed:
            raise StorageUnavailable(
                f"{self._file.name} needs {needed / 1e6:,.1f} MB more in {self._path.parent}, "
                f"{free / 1e6:,.1f} MB are free",
                {"needed": needed, "free": free},
            )

    def write(self, chunk: bytes) -> None:
        """Append.

        Raises:
            DownloadFailed: The file would be longer than it may be; the bytes are dropped.
            StorageUnavailable: The disk is full or refuses; the bytes so far stay.
        """
        if self.size + len(chunk) > self.most:
            self.discard()
            expected = self._file.bytes
            why = (
                f"more than the expected {expected:,} bytes came"
                if expected
                else size_limit_message(self.most)
            )
            raise DownloadFailed(f"{why}; what came is deleted")
        with self._storage_errors(), self._path.open("ab") as stream:
            stream.write(chunk)

    def publish(self, target: Path) -> None:
        """Give the complete file its final name, in one step and for good.

        Raises:
            DownloadFailed: The hash is not the manifest's; the bytes are dropped.
            StorageUnavailable: The disk refuses.
        """
        with self._storage_errors():
            if (got := file_sha256(self._path)) != self._file.sha256:
                self.discard()
                raise DownloadFailed(
                    f"expected sha256 {self._file.sha256}, got {got}; what came is deleted",
                    {"expected": self._file.sha256, "got": got},
                )
            _fsync(self._path)
            self._path.replace(target)
            _fsync(target.parent)
            self._tag.unlink(missing_ok=True)

    @contextmanager
    def _storage_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = error.strerror or type(error).__name__
            whole = f" of {self._file.bytes / 1e6:,.1f}" if self._file.bytes else ""
            raise StorageUnavailable(
                f"could not write {self._path}: {reason}; {self.size / 1e6:,.1f}{whole} MB are kept "
                "for the next attempt",
                {"reason": reason},
            ) from error


def _fsync(path: Path) -> None:
    """Put a file, or a folder's names, on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
