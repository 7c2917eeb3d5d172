"""Partial files: written beside their final place, checked, then renamed."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from domain.errors import DownloadFailed, StorageUnavailable
from domain.models import WeightFile
from models.store.verify import sha256_mismatch

MAX_UNSTATED_BYTES = 1024**3
"""Limit of the size of a file whose size the manifest does not state, so that it cannot fill the disk."""


def size_limit_message(max_bytes: int) -> str:
    """Return the message for a file above the limit."""
    return f"a file whose size the manifest does not state may have at most {max_bytes:,} bytes"


class PartFile:
    """Bytes received so far. The file outlives its process, so that the next download resumes from it.

    Args:
        path: Path of the partial file.
        file: Weight file that it shall become.
    """

    def __init__(self, path: Path, file: WeightFile) -> None:
        self._path = path
        self._tag = path.with_name(path.name + ".etag")
        self._file = file

    @property
    def size(self) -> int:
        """Bytes received so far."""
        return self._path.stat().st_size if self._path.is_file() else 0

    @property
    def max_bytes(self) -> int:
        """Limit of the size of the complete file."""
        return self._file.bytes or MAX_UNSTATED_BYTES

    @property
    def etag(self) -> str | None:
        """Strong ETag of the version that the bytes are from, if the server sent one."""
        return self._tag.read_text(encoding="latin-1") if self._tag.is_file() else None

    def restart(self, etag: str | None = None) -> None:
        """Discard the bytes; the next ones are from version `etag`."""
        with self._storage_errors():
            self.discard()
            if etag is not None and not etag.startswith("W/"):
                self._tag.write_text(etag, encoding="latin-1")

    def discard(self) -> None:
        """Discard the bytes."""
        self._path.unlink(missing_ok=True)
        self._tag.unlink(missing_ok=True)

    def check_space(self, total: int) -> None:
        """Check that the rest of the file fits on the disk.

        Args:
            total: Bytes of the whole file.

        Raises:
            StorageUnavailable: The disk has less space than the rest of the file needs.
        """
        free, needed = shutil.disk_usage(self._path.parent).free, total - self.size
        if free < needed:
            raise StorageUnavailable(
                f"{self._file.name} needs {needed / 1e6:,.1f} MB more in {self._path.parent}, "
                f"but {free / 1e6:,.1f} MB are free",
                {"needed": needed, "free": free},
            )

    def write(self, chunk: bytes) -> None:
        """Append bytes.

        Raises:
            DownloadFailed: The file would exceed its size; the bytes are discarded.
            StorageUnavailable: The disk is full or not writable; earlier bytes are kept.
        """
        if self.size + len(chunk) > self.max_bytes:
            self.discard()
            expected = self._file.bytes
            reason = (
                f"expected {expected:,} bytes, got more" if expected else size_limit_message(self.max_bytes)
            )
            raise DownloadFailed(f"{reason}; the received bytes are deleted")
        with self._storage_errors(), self._path.open("ab") as stream:
            stream.write(chunk)

    def publish(self, target: Path) -> None:
        """Rename the complete file to its final name, atomically and durably.

        Raises:
            DownloadFailed: The hash differs from the manifest; the bytes are discarded.
            StorageUnavailable: The disk is not writable.
        """
        with self._storage_errors():
            if got := sha256_mismatch(self._path, self._file.sha256):
                self.discard()
                raise DownloadFailed(
                    f"expected sha256 {self._file.sha256}, got {got}; the received bytes are deleted",
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
    """Flush a file, or the entries of a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
