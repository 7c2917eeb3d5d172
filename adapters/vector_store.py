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

from domain.types import Floats

logger = logging.getLogger(__name__)

T = TypeVar("T")

BUSY_S = 10.0
"""How long one process waits for another's write."""

ASKED_AT_ONCE = 500
"""Keys in one query, below SQLite's limit on parameters."""

KEPT_AFTER_EVICTION = 0.9
"""Share of the budget that remains, so that not every write has to evict."""

DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL, used REAL NOT NULL)",
    "CREATE INDEX IF NOT EXISTS by_use ON vectors (used)",
)


class SqliteVectorStore:
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
        keys = {_key(model, template, text): text for text in texts}
        found = self._attempt(lambda connection: _read(connection, list(keys))) or {}
        return {keys[key]: np.frombuffer(vector, np.float32) for key, vector in found.items()}

    def put_many(self, model: str, template: str, vectors: Mapping[str, Floats]) -> None:
        """Keep vectors float32 [D] by text, and let go of the oldest used where they do not fit."""
        now = time.time()
        rows = [
            (_key(model, template, text), np.asarray(vector, np.float32).tobytes(), now)
            for text, vector in vectors.items()
        ]
        self._attempt(lambda connection: _write(connection, rows, self._max_bytes))

    def _attempt(self, action: Callable[[sqlite3.Connection], T]) -> T | None:
        """What `action` gives in one transaction; None where the file cannot serve it."""
        inode = self._inode()
        try:
            with closing(self._connect()) as connection, connection:
                connection.execute("BEGIN IMMEDIATE")
                return action(connection)
        except (sqlite3.Error, OSError) as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in DAMAGED:
                self._move_aside(inode, error)
            else:
                logger.warning("text vectors in %s cannot be used now: %s", self._path, error)
        return None

    def _connect(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=BUSY_S, isolation_level=None)
        try:
            _share(connection)
            connection.execute("PRAGMA synchronous=NORMAL")
            for statement in SCHEMA:
                connection.execute(statement)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _inode(self) -> int | None:
        try:
            return self._path.stat().st_ino
        except OSError:
            return None

    def _move_aside(self, inode: int | None, error: Exception) -> None:
        """Rename the damaged file unless another process has begun a new one already."""
        if inode is None or inode != self._inode():
            return
        aside = self._path.with_name(self._path.name + ".damaged")
        logger.warning("%s is damaged (%s): moved to %s, beginning anew", self._path, error, aside.name)
        self._path.replace(aside)
        for suffix in ("-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)


def _share(connection: sqlite3.Connection) -> None:
    """Let readers and a writer work side by side (write-ahead log).

    The first switch needs the file for itself, and SQLite does not wait for that by its own time limit.
    """
    until = time.monotonic() + BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)


def _key(model: str, template: str, text: str) -> bytes:
    return hashlib.sha256(repr((model, template, text)).encode()).digest()


def _read(connection: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, bytes]:
    """Vectors by key; they count as used now."""
    found: dict[bytes, bytes] = {}
    for start in range(0, len(keys), ASKED_AT_ONCE):
        part = keys[start : start + ASKED_AT_ONCE]
        marks = ",".join("?" * len(part))
        found.update(connection.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", part))
    connection.executemany("UPDATE vectors SET used = ? WHERE key = ?", [(time.time(), key) for key in found])
    return found


def _write(
    connection: sqlite3.Connection, rows: Sequence[tuple[bytes, bytes, float]], max_bytes: int
) -> None:
    connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)
    size = _size(connection)
    if size > max_bytes:
        (count,) = connection.execute("SELECT COUNT(*) FROM vectors").fetchone()
        surplus = int(count * (1 - KEPT_AFTER_EVICTION * max_bytes / size)) + 1
        connection.execute(
            "DELETE FROM vectors WHERE key IN (SELECT key FROM vectors ORDER BY used, rowid LIMIT ?)",
            [surplus],
        )


def _size(connection: sqlite3.Connection) -> int:
    """Bytes of the pages in use."""
    pages, free, page = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * page)
