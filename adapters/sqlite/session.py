"""Sessions on SQLite files that processes share; a damaged file is moved aside."""

import logging
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from domain.errors import StorageUnavailable

logger = logging.getLogger(__name__)

BUSY_TIMEOUT_S = 10.0
"""Seconds for which one process waits for the write of another one."""

KEYS_PER_QUERY = 500
"""Number of keys in one query, below SQLite's limit on parameters."""

CORRUPTION_CODES = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def _enable_wal(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log, so that readers and a writer work side by side.

    The first switch needs an exclusive lock, and SQLite's own time limit does not cover it.
    """
    until = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)


def _get_inode(path: Path) -> int | None:
    """Return the inode of the file that is there now, or None."""
    try:
        return path.stat().st_ino
    except OSError:
        return None


def _is_corruption(error: Exception) -> bool:
    """Return whether the file itself is damaged, and not only busy, full or unreachable."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in CORRUPTION_CODES


def _move_damaged_file_aside(path: Path, inode: int | None, error: Exception) -> None:
    """Rename the damaged file unless another process has already replaced it by a new one."""
    if inode is None or inode != _get_inode(path):
        return
    aside = path.with_name(path.name + ".damaged")
    logger.warning(
        "%s is damaged (%s); it was moved to %s and replaced by a new file", path, error, aside.name
    )
    path.replace(aside)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


T = TypeVar("T")


class SqliteSession:
    """Runs actions on one file, each in its own transaction, one at a time in this process.

    The connection stays open between actions, because closing the last one empties the write-ahead log, which
    takes tens of milliseconds. It is opened by the first action, which must come after the last fork.

    Args:
        path: The file; its directory is created when the file is first opened.
        schema: Statements that create missing tables.
        purpose: Name of the content, for messages.
    """

    def __init__(self, path: Path, schema: Sequence[str], purpose: str) -> None:
        self._path = path
        self._schema = schema
        self._purpose = purpose
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._inode: int | None = None

    @property
    def exists(self) -> bool:
        """True if the file exists."""
        return self._path.exists()

    def read(self, action: Callable[[sqlite3.Connection], T]) -> T:
        """Return the result of `action` on one consistent state of the file.

        Raises:
            StorageUnavailable: The file cannot be used now.
        """
        return self._attempt("BEGIN", action)

    def write(self, action: Callable[[sqlite3.Connection], T]) -> T:
        """Return the result of `action` with a write lock; nothing is written when it raises.

        Raises:
            StorageUnavailable: The file cannot be used now.
        """
        return self._attempt("BEGIN IMMEDIATE", action)

    def _attempt(self, begin: str, action: Callable[[sqlite3.Connection], T]) -> T:
        """Run the action, and once more on a new file if the first attempt finds a damaged one."""
        with self._lock:
            try:
                try:
                    return self._run(begin, action)
                except sqlite3.DatabaseError as error:
                    if not _is_corruption(error):
                        raise
                    self._drop()
                    _move_damaged_file_aside(self._path, _get_inode(self._path), error)
                    return self._run(begin, action)
            except (sqlite3.Error, OSError) as error:
                raise StorageUnavailable(f"{self._purpose} cannot be used now: {error}") from error

    def _run(self, begin: str, action: Callable[[sqlite3.Connection], T]) -> T:
        with self._opened() as connection:
            connection.execute(begin)
            return action(connection)

    def _opened(self) -> sqlite3.Connection:
        """Return the connection to the file that is there now: another process may have begun a new one."""
        if self._connection is None or self._inode != _get_inode(self._path):
            self._drop()
            self._connection = self._connect()
            self._inode = _get_inode(self._path)
        return self._connection

    def _connect(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            self._path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        weakref.finalize(self, connection.close).atexit = False  # Threads may still use it at exit.
        try:
            _enable_wal(connection)
            connection.execute("PRAGMA synchronous=NORMAL")
            for statement in self._schema:
                connection.execute(statement)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
