"""Search index in an SQLite file, with the vectors of one model in memory, refreshed before each search."""

import sqlite3
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np

from adapters.index_codes import QuantizedVectors
from adapters.sqlite import index_tables
from adapters.sqlite.session import SqliteSession
from domain.arrays import Floats
from domain.index import IndexCounts, IndexedPhoto, SearchHit, SearchScope

ROWS_PER_FETCH = 4096
"""Number of rows that a refresh reads at a time."""


@dataclass(frozen=True)
class InMemoryIndex:
    """Immutable copy of the index as of some write.

    Attributes:
        file: Random id of the file that was read.
        last: Highest id of an entry that was read.
        removal: Highest number of a removal that was read.
        codes: Vectors by scope; None before the first one is read.
    """

    file: str = ""
    last: int = 0
    removal: int = 0
    codes: dict[SearchScope, QuantizedVectors] | None = None

    def refreshed(self, connection: sqlite3.Connection, model: str) -> Self:
        """Return a copy with all later writes of any process; call it in one thread at a time."""
        name = index_tables.select_index_id(connection)
        known = self if name == self.file else type(self)(name)
        oldest, newest = connection.execute("SELECT MIN(number), MAX(number) FROM removals").fetchone()
        if known.last and oldest is not None and oldest > known.removal + 1:
            known = type(self)(name)
        return known._without_removed(connection, newest or 0)._with_new(connection, model)

    def _without_removed(self, connection: sqlite3.Connection, newest: int) -> Self:
        if newest == self.removal or self.codes is None:
            return replace(self, removal=newest)
        removed = connection.execute(
            "SELECT first, last FROM removals WHERE number > ?", (self.removal,)
        ).fetchall()
        codes = {scope: known.without(removed) for scope, known in self.codes.items()}
        return replace(self, removal=newest, codes=codes)

    def _with_new(self, connection: sqlite3.Connection, model: str) -> Self:
        rows = connection.execute(
            "SELECT e.id, e.region IS NULL, e.vector FROM entries e JOIN photographs p ON p.photo = e.photo "
            "WHERE e.id > ? AND p.model = ? ORDER BY e.id",
            (self.last, model),
        )
        codes, last = self.codes, self.last
        while part := rows.fetchmany(ROWS_PER_FETCH):
            vectors = index_tables.blobs_to_vectors(b"".join(row[2] for row in part), len(part))
            ids, whole = np.array([row[:2] for row in part], np.int64).T
            known = codes or dict.fromkeys(("image", "region"), QuantizedVectors.empty(vectors.shape[1]))
            selected: dict[SearchScope, np.ndarray] = {"image": whole == 1, "region": whole == 0}
            codes = {
                scope: known[scope].with_appended(ids[at], vectors[at]) for scope, at in selected.items()
            }
            last = part[-1][0]
        return replace(self, last=last, codes=codes)


INDEX_PURPOSE = "the search index"

EXTRA_RESCORED_HITS = 100
"""Number of extra hits that are scored again in float16, because int8 codes may swap neighbours."""


class SqliteVectorIndex:
    """The port `VectorIndex` over one file.

    Every search first reads the latest writes of all processes. The codes of the model that was searched last
    are in memory; a search for another model reads all again. Readers have their own connection and do not
    wait for a writer's disk.

    Args:
        path: The file; its directory is created on first use.
    """

    def __init__(self, path: Path) -> None:
        self._reader = SqliteSession(path, index_tables.SCHEMA, INDEX_PURPOSE)
        self._writer = SqliteSession(path, index_tables.SCHEMA, INDEX_PURPOSE)
        self._lock = threading.Lock()
        self._model = ""
        self._in_memory = InMemoryIndex()

    def put(self, model: str, file_id: str, photo: IndexedPhoto) -> None:
        """Store an image in place of its earlier record, durable when this returns.

        Raises:
            StorageUnavailable: The file cannot be used now; every method may raise it.
        """
        self._writer.write(lambda connection: index_tables.insert_photo(connection, model, file_id, photo))

    def remove(self, file_id: str) -> bool:
        """Delete an image, whatever model it was indexed with, and return whether it was there."""
        return self._writer.write(lambda connection: index_tables.delete_photo(connection, file_id) > 0)

    def find(self, model: str, file_id: str) -> IndexedPhoto | None:
        """Return the record of an image, or None."""
        return self._reader.read(lambda connection: index_tables.select_photo(connection, model, file_id))

    def nearest(self, model: str, scope: SearchScope, vector: Floats, count: int) -> list[SearchHit]:
        """Return the `count` entries nearest to the unit vector `vector`, float32 [D], best first."""
        codes = (self._refreshed(model).codes or {}).get(scope)
        if codes is None:
            return []
        ids = codes.nearest(vector, count + EXTRA_RESCORED_HITS).tolist()
        return self._reader.read(lambda connection: index_tables.select_hits(connection, ids, vector))[:count]

    def counts(self, model: str) -> IndexCounts:
        """Return the numbers of images and regions."""
        return self._reader.read(lambda connection: index_tables.count_photos(connection, model))

    def oldest(self, count: int) -> list[str]:
        """Return the file_ids of the images that were indexed longest ago, with whatever model."""
        query = "SELECT file_id FROM photographs ORDER BY photo LIMIT ?"
        return self._reader.read(
            lambda connection: [row[0] for row in connection.execute(query, (count,)).fetchall()]
        )

    def _refreshed(self, model: str) -> InMemoryIndex:
        with self._lock:
            if model != self._model:
                self._model, self._in_memory = model, InMemoryIndex()
            known = self._in_memory
            self._in_memory = self._reader.read(lambda connection: known.refreshed(connection, model))
            return self._in_memory
