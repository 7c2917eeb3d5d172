"""Cache of text vectors in an SQLite file that processes share, bounded by bytes."""

import hashlib
import logging
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from adapters.sqlite.session import KEYS_PER_QUERY, SqliteSession
from domain.arrays import Floats
from domain.batches import batched
from domain.errors import StorageUnavailable

logger = logging.getLogger(__name__)

T = TypeVar("T")

EVICTION_TARGET_RATIO = 0.9
"""Share of the budget that remains after an eviction, so that not every write has to evict."""

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL, used REAL NOT NULL)",
    "CREATE INDEX IF NOT EXISTS by_use ON vectors (used)",
)


class SqliteTextVectorStore:
    """The port `TextVectorStore` over one file; the vectors used longest ago are evicted.

    Texts are kept as hashes only. An error is logged, and the call behaves as if nothing were stored; a
    damaged file is moved aside and replaced by a new one.

    Args:
        path: The file; its directory is created on first use.
        max_bytes: Limit of the size of the file, which one write may exceed.
    """

    def __init__(self, path: Path, max_bytes: int) -> None:
        self._session = SqliteSession(path, SCHEMA, f"text vectors in {path}")
        self._max_bytes = max_bytes

    def get_many(self, model: str, template: str, texts: Sequence[str]) -> dict[str, Floats]:
        """Return the known vectors float32 [D] by text, of a model (its sha256) under a template."""
        keys = {_vector_key(model, template, text): text for text in texts}
        found = self._attempt(lambda connection: _select_vectors(connection, list(keys))) or {}
        return {keys[key]: np.frombuffer(vector, np.float32) for key, vector in found.items()}

    def put_many(self, model: str, template: str, vectors: Mapping[str, Floats]) -> None:
        """Keep vectors float32 [D] by text, and evict those used longest ago beyond the limit."""
        now = time.time()
        rows = [
            (_vector_key(model, template, text), np.asarray(vector, np.float32).tobytes(), now)
            for text, vector in vectors.items()
        ]
        self._attempt(lambda connection: _upsert_vectors(connection, rows, self._max_bytes))

    def _attempt(self, action: Callable[[sqlite3.Connection], T]) -> T | None:
        """Return the result of `action` in one transaction, or None where the file cannot be used now."""
        try:
            return self._session.write(action)
        except StorageUnavailable as error:
            logger.warning("%s", error.message)
            return None


def _vector_key(model: str, template: str, text: str) -> bytes:
    return hashlib.sha256(repr((model, template, text)).encode()).digest()


def _select_vectors(connection: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, bytes]:
    """Return vectors by key, and mark them as used now."""
    found: dict[bytes, bytes] = {}
    for part in batched(keys, KEYS_PER_QUERY):
        marks = ",".join("?" * len(part))
        found.update(connection.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", part))
    connection.executemany("UPDATE vectors SET used = ? WHERE key = ?", [(time.time(), key) for key in found])
    return found


def _upsert_vectors(
    connection: sqlite3.Connection, rows: Sequence[tuple[bytes, bytes, float]], max_bytes: int
) -> None:
    connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)
    size = _used_bytes(connection)
    if size > max_bytes:
        (count,) = connection.execute("SELECT COUNT(*) FROM vectors").fetchone()
        surplus = int(count * (1 - EVICTION_TARGET_RATIO * max_bytes / size)) + 1
        connection.execute(
            "DELETE FROM vectors WHERE key IN (SELECT key FROM vectors ORDER BY used, rowid LIMIT ?)",
            [surplus],
        )


def _used_bytes(connection: sqlite3.Connection) -> int:
    """Return the bytes of the pages in use."""
    pages, free, page = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * page)
