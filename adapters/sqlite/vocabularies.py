"""Taught vocabularies in an SQLite file that all processes share."""

import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from adapters.sqlite import vocabulary_tables as rows
from adapters.sqlite.session import SqliteSession
from domain.arrays import Floats
from domain.errors import TooLarge
from domain.labels import KEPT_VERSIONS, Label, TaughtVocabulary, Vocabulary

VOCABULARIES_PURPOSE = "the taught vocabularies"

T = TypeVar("T")


class SqliteVocabularyStore:
    """The port `VocabularyStore` over one file, which the first `put` creates.

    Args:
        path: The file.
        max_bytes: Limit of image files and labels together, without vectors; `put` is refused beyond it.
        clock: Returns the time in Unix seconds.
    """

    def __init__(self, path: Path, max_bytes: int, clock: Callable[[], float] = time.time) -> None:
        self._session = SqliteSession(path, rows.SCHEMA, VOCABULARIES_PURPOSE)
        self._max_bytes = max_bytes
        self._clock = clock

    def put(
        self, name: str, labels: Sequence[Label], images: Mapping[str, bytes], lang: str | None = None
    ) -> TaughtVocabulary:
        """Store the next version of `name`, durable when this returns.

        Raises:
            StorageUnavailable: The file cannot be used now; every method may raise it.
            TooLarge: All vocabularies together would exceed the limit.
        """

        def put(connection: sqlite3.Connection) -> TaughtVocabulary:
            version = rows.next_version(connection, name)
            vocabulary = Vocabulary(f"{name}@{version}", tuple(labels), lang)
            taught = TaughtVocabulary(name, version, self._clock(), vocabulary)
            rows.insert_version(connection, taught, images)
            rows.delete_versions(connection, name, version - KEPT_VERSIONS + 1)
            self._check(rows.count_kept_bytes(connection))
            return taught

        return self._session.write(put)

    def get(self, name: str, version: int | None = None) -> TaughtVocabulary | None:
        """Return that version, else the newest one, or None."""
        return self._read(lambda connection: rows.select_version(connection, name, version), None)

    def latest(self) -> list[TaughtVocabulary]:
        """Return the newest version of every vocabulary, ordered by name."""
        return self._read(rows.select_latest_versions, [])

    def versions(self, name: str) -> list[int]:
        """Return the numbers of the stored versions, ascending."""
        return self._read(lambda connection: rows.select_version_numbers(connection, name), [])

    def remove(self, name: str) -> bool:
        """Delete all versions, and examples that no other vocabulary has; return whether there was one."""
        if not self._session.exists:
            return False
        return self._session.write(lambda connection: rows.delete_versions(connection, name) > 0)

    def example_images(self, digests: Sequence[str]) -> dict[str, bytes]:
        """Return the image files of examples by sha256, for those that are stored."""
        return self._read(lambda connection: rows.select_example_images(connection, digests), {})

    def vectors(self, model: str, digests: Sequence[str]) -> dict[str, Floats]:
        """Return the vectors [D] of examples by sha256, for those that the model with that sha256 encoded."""
        return self._read(lambda connection: rows.select_example_vectors(connection, model, digests), {})

    def put_vectors(self, model: str, vectors: Mapping[str, Floats]) -> None:
        """Store vectors [D] of examples by the sha256 of the examples."""
        self._session.write(lambda connection: rows.insert_example_vectors(connection, model, vectors))

    def _read(self, action: Callable[[sqlite3.Connection], T], nothing: T) -> T:
        """Return what `action` reads; `nothing` if there is no file yet, which is not created."""
        return self._session.read(action) if self._session.exists else nothing

    def _check(self, size: int) -> None:
        if size > self._max_bytes:
            raise TooLarge(
                f"expected at most {self._max_bytes:,} bytes of taught vocabularies, got {size:,} "
                "with this one: delete others first",
                {"max_bytes": self._max_bytes, "bytes": size},
            )
