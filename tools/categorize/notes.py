"""What a sorting notes down: in a hidden folder beside its reports, or nowhere."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from filelock import FileLock, Timeout

from adapters.files import storage_errors
from domain.errors import StorageUnavailable

LOG_FOLDER_NAME: Final = ".categorize"
"""Hidden, so that no walk through photographs enters it."""


class DiskSortLog:
    """The port `SortingNotes` in a folder that one process uses at a time, between `with` and its end.

    Args:
        folder: Where reports go; made if it is missing.
        reports: Their names; what has one of them and is not from here is not overwritten.
    """

    keeps: Final = True

    def __init__(self, folder: Path, reports: Iterable[str]) -> None:
        self._folder = folder
        self._reports = tuple(reports)
        self._thumbnails = folder / LOG_FOLDER_NAME / "thumbnails"
        self._journal = folder / LOG_FOLDER_NAME / "journal.jsonl"

    def __enter__(self) -> Self:
        """Take the folder.

        Raises:
            StorageUnavailable: It cannot be written, another process has it, or reports of others are there.
        """
        with storage_errors(f"write into {self._folder}"):
            if not self._journal.exists():
                self._refuse_others()
            self._thumbnails.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(self._folder / LOG_FOLDER_NAME / "lock")
            try:
                self._lock.acquire(timeout=0)
            except Timeout:
                raise StorageUnavailable(f"another process sorts into {self._folder} just now") from None
            self._file = self._journal.open("a+b")
            self._drop_torn_line()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put the notes on the disk and give the folder back."""
        with self._file:
            os.fsync(self._file.fileno())
        self._lock.release()

    def lines(self) -> Iterator[str]:
        """All lines noted so far, without their ends."""
        with self._journal.open(encoding="utf-8") as file:
            for line in file:
                yield line.removesuffix("\n")

    def add(self, line: str) -> None:
        """Note a line: one write, which a process that dies afterwards cannot lose.

        Raises:
            StorageUnavailable: The disk is full, or cannot be written.
        """
        with storage_errors("write the journal"):
            self._file.write(line.encode() + b"\n")
            self._file.flush()

    def put_thumbnail(self, key: str, jpeg: bytes) -> None:
        """Keep a small picture.

        Raises:
            StorageUnavailable: The disk is full, or cannot be written.
        """
        with storage_errors("write a thumbnail"):
            (self._thumbnails / f"{key}.jpg").write_bytes(jpeg)

    def thumbnail(self, key: str) -> bytes | None:
        """The small picture under `key`, a JPEG file; None where there is none."""
        try:
            return (self._thumbnails / f"{key}.jpg").read_bytes()
        except OSError:
            return None

    def write(self, name: str, text: Iterable[str]) -> None:
        """Write a report, whole or not at all, in place of the one of that name.

        Raises:
            StorageUnavailable: The disk is full, or cannot be written.
        """
        part = self._folder / LOG_FOLDER_NAME / name
        with storage_errors(f"write {name}"):
            # Names of files need not be Unicode: bytes that are none are shown as escapes.
            with part.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
                file.writelines(text)
            part.replace(self._folder / name)

    def _refuse_others(self) -> None:
        for name in self._reports:
            if (self._folder / name).exists():
                raise StorageUnavailable(
                    f"{self._folder / name} is there already and not from here; it is not overwritten"
                )

    def _drop_torn_line(self) -> None:
        """Cut off what a process that died left of its last line."""
        self._file.seek(0)
        whole = 0
        for line in self._file:
            whole += len(line) if line.endswith(b"\n") else 0
        self._file.truncate(whole)


class NullSortLog:
    """The port `SortingNotes` for a dry run: nothing is kept."""

    keeps: Final = False

    def __enter__(self) -> Self:
        """Nothing to take."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to give back."""

    def lines(self) -> Iterator[str]:
        """None."""
        return iter(())

    def add(self, line: str) -> None:
        """Forget the line."""

    def put_thumbnail(self, key: str, jpeg: bytes) -> None:
        """Forget the picture."""

    def thumbnail(self, key: str) -> bytes | None:  # noqa: ARG002
        """None."""
        return None

    def write(self, name: str, text: Iterable[str]) -> None:
        """Write nothing."""
