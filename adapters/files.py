"""Durable writes of files, and errors of the disk."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from domain.errors import StorageUnavailable


@contextmanager
def storage_errors(action: str) -> Iterator[None]:
    """Turn errors of the operating system into one that names the failed action and the reason.

    Raises:
        StorageUnavailable: The body raised an OSError, e.g. because the disk is full.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise StorageUnavailable(f"could not {action}: {reason}", {"reason": reason}) from error


def write_durable_file(path: Path, data: bytes) -> None:
    """Create the file `path` with `data`, durable when this returns."""
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def fsync_folder(folder: Path) -> None:
    """Flush the entries of a folder (names, renames) to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
