"""Writes files so that they last through a power cut, and names what the disk refused."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from domain.errors import StorageUnavailable


@contextmanager
def storage_errors(action: str) -> Iterator[None]:
    """Turn the operating system's errors into one that says what could not be done and why.

    Raises:
        StorageUnavailable: For any OSError inside, e.g. a full disk.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise StorageUnavailable(f"could not {action}: {reason}", {"reason": reason}) from error


def write_durable_file(path: Path, data: bytes) -> None:
    """Create `path` with `data`, on the disk when this returns."""
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def fsync_folder(folder: Path) -> None:
    """Put the folder's own entries (names, renames) on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
