"""The search index: an SQLite file that all processes share is the truth, codes in memory make it quick."""

import threading
from pathlib import Path

from adapters.sqlite import index_tables
from adapters.sqlite.index_mirror import Mirror
from adapters.sqlite.session import SqliteSession
from domain.arrays import Floats
from domain.index import Hit, IndexCounts, IndexedPhoto, Scope

PURPOSE = "the search index"

RESCORED = 100
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
        self._reader = SqliteSession(path, index_tables.SCHEMA, PURPOSE)
        self._writer = SqliteSession(path, index_tables.SCHEMA, PURPOSE)
        self._lock = threading.Lock()
        self._model = ""
        self._mirror = Mirror()

    def put(self, model: str, file_id: str, photo: IndexedPhoto) -> None:
        """Keep a photograph in place of what was known of it: on the disk when this returns.

        Raises:
            StorageUnavailable: As every method does, when the file cannot be used now.
        """
        self._writer.write(lambda connection: index_tables.insert(connection, model, file_id, photo))

    def remove(self, file_id: str) -> bool:
        """Forget a photograph, whatever model it was indexed with; whether it was known."""
        return self._writer.write(lambda connection: index_tables.delete(connection, file_id) > 0)

    def find(self, model: str, file_id: str) -> IndexedPhoto | None:
        """What is kept of a photograph; None where nothing is."""
        return self._reader.read(lambda connection: index_tables.find(connection, model, file_id))

    def nearest(self, model: str, scope: Scope, vector: Floats, count: int) -> list[Hit]:
        """The `count` of highest cosine with `vector` float32 [D], unit length; the highest first."""
        codes = (self._caught_up(model).codes or {}).get(scope)
        if codes is None:
            return []
        ids = codes.nearest(vector, count + RESCORED).tolist()
        return self._reader.read(lambda connection: index_tables.hits(connection, ids, vector))[:count]

    def counts(self, model: str) -> IndexCounts:
        """How much is kept."""
        return self._reader.read(lambda connection: index_tables.counts(connection, model))

    def oldest(self, count: int) -> list[str]:
        """file_ids of the photographs that were indexed longest ago, whatever the model."""
        query = "SELECT file_id FROM photographs ORDER BY photo LIMIT ?"
        return self._reader.read(
            lambda connection: [row[0] for row in connection.execute(query, (count,)).fetchall()]
        )

    def _caught_up(self, model: str) -> Mirror:
        with self._lock:
            if model != self._model:
                self._model, self._mirror = model, Mirror()
            known = self._mirror
            self._mirror = self._reader.read(lambda connection: known.caught_up(connection, model))
            return self._mirror
