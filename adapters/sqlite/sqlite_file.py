"""What every SQLite file of the service needs: shared by processes, moved aside when it is damaged."""

import logging
import sqlite3
import time
from pathlib import Path

logger = logging.getLogger(__name__)

BUSY_S = 10.0
"""How long one process waits for another's write."""

DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def share(connection: sqlite3.Connection) -> None:
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


def inode_of(path: Path) -> int | None:
    """Which file stands there now; None where none does."""
    try:
        return path.stat().st_ino
    except OSError:
        return None


def is_damage(error: Exception) -> bool:
    """Whether the file itself is broken, and not only busy, full or unreachable."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in DAMAGED


def move_aside(path: Path, inode: int | None, error: Exception) -> None:
    """Rename the damaged file unless another process has begun a new one already."""
    if inode is None or inode != inode_of(path):
        return
    aside = path.with_name(path.name + ".damaged")
    logger.warning("%s is damaged (%s): moved to %s, beginning anew", path, error, aside.name)
    path.replace(aside)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
