"""Keeps the journal and the thumbnails of a sorting run in a hidden folder beside its reports."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from filelock import FileLock, Timeout

from adapters.files import storage_errors
from domain.errors import StorageUnavailable

LOG_FOLDER_NAME: Final = ".categorize"
"""Name of the folder; it is hidden, so that no listing of images enters it."""


class DiskSortLog:
    """The port `SortLog` in a folder that one process uses at a time, while it is open as a context manager.

    Args:
        folder: Folder of the reports; it is made where it is missing.
        reports: File names of the reports. Files with these names that no earlier run wrote are kept.
    """

    def __init__(self, folder: Path, reports: Iterable[str]) -> None:
        self._folder = folder
        self._reports = tuple(reports)
        self._thumbnails = folder / LOG_FOLDER_NAME / "thumbnails"
        self._journal = folder / LOG_FOLDER_NAME / "journal.jsonl"

    def __enter__(self) -> Self:
        """Lock the folder and open the journal.

        Raises:
            StorageUnavailable: The folder cannot be written, another process has locked it, or it holds
                reports that are not from here.
        """
        with storage_errors(f"write into {self._folder}"):
            if not self._journal.exists():
                self._refuse_foreign_reports()
            self._thumbnails.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(self._folder / LOG_FOLDER_NAME / "lock")
            try:
                self._lock.acquire(timeout=0)
            except Timeout:
                raise StorageUnavailable(f"another process is sorting into {self._folder}") from None
            self._file = self._journal.open("a+b")
            self._truncate_torn_line()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Flush the journal to the disk and unlock the folder."""
        with self._file:
            os.fsync(self._file.fileno())
        self._lock.release()

    def lines(self) -> Iterator[str]:
        """Yield all lines of the journal without their ends."""
        with self._journal.open(encoding="utf-8") as file:
            for line in file:
                yield line.removesuffix("\n")

    def append(self, line: str) -> None:
        """Append a line with a single write, so that it survives a later crash of the process.

        Raises:
            StorageUnavailable: The disk is full or cannot be written.
        """
        with storage_errors("write the journal"):
            self._file.write(line.encode() + b"\n")
            self._file.flush()

    def put_thumbnail(self, key: str, jpeg: bytes) -> None:
        """Keep a thumbnail, a JPEG file.

        Raises:
            StorageUnavailable: The disk is full or cannot be written.
        """
        with storage_errors("write a thumbnail"):
            (self._thumbnails / f"{key}.jpg").write_bytes(jpeg)

    def thumbnail(self, key: str) -> bytes | None:
        """Return the thumbnail with this key, or None where there is none."""
        try:
            return (self._thumbnails / f"{key}.jpg").read_bytes()
        except OSError:
            return None

    def write_report(self, name: str, text: Iterable[str]) -> None:
        """Write a report completely or not at all, in place of an earlier one of that name.

        Raises:
            StorageUnavailable: The disk is full or cannot be written.
        """
        part = self._folder / LOG_FOLDER_NAME / name
        with storage_errors(f"write {name}"):
            # File names need not be valid Unicode: their other bytes are written as escapes.
            with part.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
                file.writelines(text)
            part.replace(self._folder / name)

    def _refuse_foreign_reports(self) -> None:
        for name in self._reports:
            if (self._folder / name).exists():
                raise StorageUnavailable(
                    f"{self._folder / name} exists and was not written by this command; it is not overwritten"
                )

    def _truncate_torn_line(self) -> None:
        """Cut off the last line where a crash left it incomplete."""
        self._file.seek(0)
        whole = 0
        for line in self._file:
            whole += len(line) if line.endswith(b"\n") else 0
        self._file.truncate(whole)
