"""Puts the files of a report into a folder: all of them at once, or none."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from adapters.files import fsync_folder, storage_errors, write_durable_file
from domain.errors import StorageUnavailable


def check_free(folder: Path) -> None:
    """Refuse a place where something is already.

    Raises:
        StorageUnavailable: It is neither missing nor an empty folder.
    """
    with storage_errors(f"look into {folder}"):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise StorageUnavailable(
                f"{folder}: expected a folder that is not there yet, or empty; nothing is overwritten"
            )


def publish(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write `files` by name beside `folder` and rename them all into place; whoever looks sees all or none.

    Raises:
        StorageUnavailable: Something is there already, or the disk refuses.
    """
    check_free(folder)
    with storage_errors(f"write the report into {folder}"):
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            part.chmod(0o755)
            for name, data in files.items():
                write_durable_file(part / name, data)
            part.replace(folder)  # takes the place of an empty folder too
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
        fsync_folder(folder.parent)
