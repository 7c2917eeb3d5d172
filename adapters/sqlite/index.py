"""What one process holds in memory of the search index: codes of one model, caught up before each search."""

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
"""Rows in memory at a time while catching up."""


@dataclass(frozen=True)
class InMemoryIndex:
    """The index up to some write, never changed.

    Attributes:
        file: Name of the file that was read.
        last: Highest id that was read.
        removal: Highest number of a removal that was read.
        codes: Vectors by scope; none before the first is read.
    """

    file: str = ""
    last: int = 0
    removal: int = 0
    codes: dict[SearchScope, QuantizedVectors] | None = None

    def refreshed(self, connection: sqlite3.Connection, model: str) -> Self:
        """This with whatever any process wrote since; by one thread at a time."""
        name = index_tables.select_index_id(connection)
        known = self if name == self.file else type(self)(name)
        oldest, newest = connection.execute("SELECT MIN(number), MAX(number) FROM removals").fetchone()
        if known.last and oldest is not None and oldest > known.removal + 1:
            known = type(self)(name)
        return known._without_removed(connection, newest or 0)._with_new(connection, model)

    def _without_removed(self, connection: sqlite3.Connection, newest: int) -> Self:
        if newest == self.removal or self.codes is None:
            return replace(self, removal=newest)
        gone = connection.execute(
            "SELECT first, last FROM removals WHERE number > ?", (self.removal,)
        ).fetchall()
        codes = {scope: known.without(gone) for scope, known in self.codes.items()}
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
            mine: dict[SearchScope, np.ndarray] = {"image": whole == 1, "region": whole == 0}
            codes = {scope: known[scope].with_appended(ids[at], vectors[at]) for scope, at in mine.items()}
            last = part[-1][0]
        return replace(self, last=last, codes=codes)


INDEX_PURPOSE = "the search index"

EXTRA_RESCORED_HITS = 100
"""So many more than asked for are compared again in float16: codes may swap neighbours."""


class SqliteVectorIndex:
    """The port `VectorIndex` over one file.

    Every search first reads what any process has written since the last one. Codes are held of the model
    that was searched last; a search for another begins anew. Readers have a connection of their own and do
    not wait for a writer's disk.

    Args:
        path: The file; its directory is made when it is first used.
    """

    def __init__(self, path: Path) -> None:
        self._reader = SqliteSession(path, index_tables.SCHEMA, INDEX_PURPOSE)
        self._writer = SqliteSession(path, index_tables.SCHEMA, INDEX_PURPOSE)
        self._lock = threading.Lock()
        self._model = ""
        self._in_memory = InMemoryIndex()

    def put(self, model: str, file_id: str, photo: IndexedPhoto) -> None:
        """Keep a photograph in place of what was known of it: on the disk when this returns.

        Raises:
            StorageUnavailable: As every method does, when the file cannot be used now.
        """
        self._writer.write(lambda connection: index_tables.insert_photo(connection, model, file_id, photo))

    def remove(self, file_id: str) -> bool:
        """Forget a photograph, whatever model it was indexed with; whether it was known."""
        return self._writer.write(lambda connection: index_tables.delete_photo(connection, file_id) > 0)

    def find(self, model: str, file_id: str) -> IndexedPhoto | None:
        """What is kept of a photograph; None where nothing is."""
        return self._reader.read(lambda connection: index_tables.select_photo(connection, model, file_id))

    def nearest(self, model: str, scope: SearchScope, vector: Floats, count: int) -> list[SearchHit]:
        """The `count` of highest cosine with `vector` float32 [D], unit length; the highest first."""
        codes = (self._refreshed(model).codes or {}).get(scope)
        if codes is None:
            return []
        ids = codes.nearest(vector, count + EXTRA_RESCORED_HITS).tolist()
        return self._reader.read(lambda connection: index_tables.select_hits(connection, ids, vector))[:count]

    def counts(self, model: str) -> IndexCounts:
        """How much is kept."""
        return self._reader.read(lambda connection: index_tables.count_photos(connection, model))

    def oldest(self, count: int) -> list[str]:
        """file_ids of the photographs that were indexed longest ago, whatever the model."""
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
