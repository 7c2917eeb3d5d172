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
    """The port `VocabularyStore` over one file, which the first `put` makes.

    Args:
        path: The file.
        max_bytes: Of image files and labels together, vectors not counted; beyond it `put` is refused.
        clock: Unix seconds.
    """

    def __init__(self, path: Path, max_bytes: int, clock: Callable[[], float] = time.time) -> None:
        self._session = SqliteSession(path, rows.SCHEMA, VOCABULARIES_PURPOSE)
        self._max_bytes = max_bytes
        self._clock = clock

    def put(self, name: str, labels: Sequence[Label], pictures: Mapping[str, bytes]) -> TaughtVocabulary:
        """Keep the next version of `name`: on the disk when this returns.

        Raises:
            StorageUnavailable: As every method does, when the file cannot be used now.
            TooLarge: Everything together would be more than may be kept.
        """

        def put(connection: sqlite3.Connection) -> TaughtVocabulary:
            version = rows.next_version(connection, name)
            vocabulary = Vocabulary(f"{name}@{version}", tuple(labels))
            taught = TaughtVocabulary(name, version, self._clock(), vocabulary)
            rows.insert_version(connection, taught, pictures)
            rows.delete_versions(connection, name, version - KEPT_VERSIONS + 1)
            self._check(rows.count_kept_bytes(connection))
            return taught

        return self._session.write(put)

    def get(self, name: str, version: int | None = None) -> TaughtVocabulary | None:
        """That version, or the newest; None where there is none."""
        return self._read(lambda connection: rows.select_version(connection, name, version), None)

    def latest(self) -> list[TaughtVocabulary]:
        """The newest version of every vocabulary, ordered by name."""
        return self._read(rows.select_latest_versions, [])

    def versions(self, name: str) -> list[int]:
        """Numbers of the versions that are kept, ascending."""
        return self._read(lambda connection: rows.select_version_numbers(connection, name), [])

    def remove(self, name: str) -> bool:
        """Forget all versions, and examples that no other vocabulary has; whether there was one."""
        if not self._session.exists:
            return False
        return self._session.write(lambda connection: rows.delete_versions(connection, name) > 0)

    def pictures(self, digests: Sequence[str]) -> dict[str, bytes]:
        """Image files of examples by sha256, of those that are kept."""
        return self._read(lambda connection: rows.select_example_images(connection, digests), {})

    def vectors(self, model: str, digests: Sequence[str]) -> dict[str, Floats]:
        """What the model with that sha256 saw in examples: vectors [D] of those that are known."""
        return self._read(lambda connection: rows.select_example_vectors(connection, model, digests), {})

    def put_vectors(self, model: str, vectors: Mapping[str, Floats]) -> None:
        """Keep vectors [D] of examples, by the examples' sha256."""
        self._session.write(lambda connection: rows.insert_example_vectors(connection, model, vectors))

    def _read(self, action: Callable[[sqlite3.Connection], T], nothing: T) -> T:
        """What `action` reads; `nothing` where nobody taught anything yet, without making the file."""
        return self._session.read(action) if self._session.exists else nothing

    def _check(self, size: int) -> None:
        if size > self._max_bytes:
            raise TooLarge(
                f"expected at most {self._max_bytes:,} bytes of taught vocabularies in all, this one would "
                f"make it {size:,}: delete others first",
                {"max_bytes": self._max_bytes, "bytes": size},
            )
