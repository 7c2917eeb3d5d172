"""What every SQLite file of the service needs: shared by processes, moved aside when it is damaged."""

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
"""How long one process waits for another's write."""

CORRUPTION_CODES = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def enable_wal(connection: sqlite3.Connection) -> None:
    """Let readers and a writer work side by side (write-ahead log).

    The first switch needs the file for itself, and SQLite does not wait for that by its own time limit.
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


def get_inode(path: Path) -> int | None:
    """Which file stands there now; None where none does."""
    try:
        return path.stat().st_ino
    except OSError:
        return None


def is_corruption(error: Exception) -> bool:
    """Whether the file itself is broken, and not only busy, full or unreachable."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in CORRUPTION_CODES


def move_damaged_file_aside(path: Path, inode: int | None, error: Exception) -> None:
    """Rename the damaged file unless another process has begun a new one already."""
    if inode is None or inode != get_inode(path):
        return
    aside = path.with_name(path.name + ".damaged")
    logger.warning("%s is damaged (%s): moved to %s, beginning anew", path, error, aside.name)
    path.replace(aside)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


T = TypeVar("T")


class SqliteSession:
    """Runs actions on one file, each in a transaction of its own, one at a time in this process.

    The connection stays open between them, because closing the last one empties the write-ahead log, which
    costs tens of milliseconds. It is opened by the first action, which must come after the last fork.

    Args:
        path: The file; its directory is made when it is first opened.
        schema: Statements that make what is missing.
        purpose: What is kept there, for messages.
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
        """Whether anything was ever kept."""
        return self._path.exists()

    def read(self, action: Callable[[sqlite3.Connection], T]) -> T:
        """What `action` gives on one consistent state of the file.

        Raises:
            StorageUnavailable: The file cannot be used now.
        """
        return self._attempt("BEGIN", action)

    def write(self, action: Callable[[sqlite3.Connection], T]) -> T:
        """What `action` gives with the file for itself; nothing is written when it raises.

        Raises:
            StorageUnavailable: The file cannot be used now.
        """
        return self._attempt("BEGIN IMMEDIATE", action)

    def close(self) -> None:
        """Let go of the file; the next action opens it again."""
        with self._lock:
            self._drop()

    def _attempt(self, begin: str, action: Callable[[sqlite3.Connection], T]) -> T:
        """A second attempt works on a new file where the first found a damaged one."""
        with self._lock:
            try:
                try:
                    return self._run(begin, action)
                except sqlite3.DatabaseError as error:
                    if not is_corruption(error):
                        raise
                    self._drop()
                    move_damaged_file_aside(self._path, get_inode(self._path), error)
                    return self._run(begin, action)
            except (sqlite3.Error, OSError) as error:
                raise StorageUnavailable(f"{self._purpose} cannot be used now: {error}") from error

    def _run(self, begin: str, action: Callable[[sqlite3.Connection], T]) -> T:
        with self._opened() as connection:
            connection.execute(begin)
            return action(connection)

    def _opened(self) -> sqlite3.Connection:
        """The connection to the file that stands there now: another process may have begun a new one."""
        if self._connection is None or self._inode != get_inode(self._path):
            self._drop()
            self._connection = self._connect()
            self._inode = get_inode(self._path)
        return self._connection

    def _connect(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            self._path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        weakref.finalize(self, connection.close).atexit = False  # threads may use it still
        try:
            enable_wal(connection)
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
