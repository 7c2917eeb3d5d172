"""Text vectors in an SQLite file that many processes share: bounded by bytes, the oldest used go first."""

import hashlib
import logging
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import numpy as np

from adapters.sqlite.session import (
    BUSY_TIMEOUT_S,
    enable_wal,
    get_inode,
    is_corruption,
    move_damaged_file_aside,
)
from domain.arrays import Floats

logger = logging.getLogger(__name__)

T = TypeVar("T")

KEYS_PER_QUERY = 500
"""Keys in one query, below SQLite's limit on parameters."""

EVICTION_TARGET_RATIO = 0.9
"""Share of the budget that remains, so that not every write has to evict."""

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL, used REAL NOT NULL)",
    "CREATE INDEX IF NOT EXISTS by_use ON vectors (used)",
)


class SqliteTextVectorStore:
    """The port `VectorStore` over one file.

    Every call has its own connection, so threads and processes share it. Texts are kept as hashes only.
    Whatever goes wrong is logged and answered as if nothing were stored; a damaged file is moved aside and
    begun anew.

    Args:
        path: The file; its directory is made when it is first written.
        max_bytes: Of the file at most, up to one write more.
    """

    def __init__(self, path: Path, max_bytes: int) -> None:
        self._path = path
        self._max_bytes = max_bytes

    def get_many(self, model: str, template: str, texts: Sequence[str]) -> dict[str, Floats]:
        """The vectors float32 [D] that are known, by text, of a model (its sha256) under a template."""
        keys = {_vector_key(model, template, text): text for text in texts}
        found = self._attempt(lambda connection: _select_vectors(connection, list(keys))) or {}
        return {keys[key]: np.frombuffer(vector, np.float32) for key, vector in found.items()}

    def put_many(self, model: str, template: str, vectors: Mapping[str, Floats]) -> None:
        """Keep vectors float32 [D] by text, and let go of the oldest used where they do not fit."""
        now = time.time()
        rows = [
            (_vector_key(model, template, text), np.asarray(vector, np.float32).tobytes(), now)
            for text, vector in vectors.items()
        ]
        self._attempt(lambda connection: _upsert_vectors(connection, rows, self._max_bytes))

    def _attempt(self, action: Callable[[sqlite3.Connection], T]) -> T | None:
        """What `action` gives in one transaction; None where the file cannot serve it."""
        inode = get_inode(self._path)
        try:
            with closing(self._connect()) as connection, connection:
                connection.execute("BEGIN IMMEDIATE")
                return action(connection)
        except (sqlite3.Error, OSError) as error:
            if is_corruption(error):
                move_damaged_file_aside(self._path, inode, error)
            else:
                logger.warning("text vectors in %s cannot be used now: %s", self._path, error)
        return None

    def _connect(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
        try:
            enable_wal(connection)
            connection.execute("PRAGMA synchronous=NORMAL")
            for statement in SCHEMA:
                connection.execute(statement)
        except sqlite3.Error:
            connection.close()
            raise
        return connection


def _vector_key(model: str, template: str, text: str) -> bytes:
    return hashlib.sha256(repr((model, template, text)).encode()).digest()


def _select_vectors(connection: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, bytes]:
    """Vectors by key; they count as used now."""
    found: dict[bytes, bytes] = {}
    for start in range(0, len(keys), KEYS_PER_QUERY):
        part = keys[start : start + KEYS_PER_QUERY]
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
    """Bytes of the pages in use."""
    pages, free, page = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * page)
