"""Which stored photograph a file on the disk is: an SQLite file that processes share."""

import sqlite3
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

from adapters.sqlite_session import SqliteSession
from domain.types.index import IndexedFile

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, size INTEGER NOT NULL, "
    "mtime_ns INTEGER NOT NULL, file_id TEXT NOT NULL, regions INTEGER NOT NULL)",
    "CREATE INDEX IF NOT EXISTS files_by_id ON files (file_id)",
)

ALL = "SELECT path, size, mtime_ns, file_id, regions FROM files"


class SqliteIndexedFiles:
    """The port `IndexedFiles` over one file.

    Args:
        path: The file; its directory is made when it is first used.
    """

    def __init__(self, path: Path) -> None:
        self._session = SqliteSession(path, SCHEMA, "the list of indexed files")

    def get(self, path: str) -> IndexedFile | None:
        """What is known of the file; None where nothing is."""
        rows = self._session.read(
            lambda connection: connection.execute(f"{ALL} WHERE path = ?", (path,)).fetchall()
        )
        return _file(rows[0]) if rows else None

    def put(self, file: IndexedFile) -> None:
        """Remember a file in place of what was known of its path: on the disk when this returns."""
        statement = "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)"
        self._session.write(lambda connection: connection.execute(statement, astuple(file)))

    def remove(self, path: str) -> None:
        """Forget a file."""
        self._session.write(
            lambda connection: connection.execute("DELETE FROM files WHERE path = ?", (path,))
        )

    def inside(self, folder: str) -> list[IndexedFile]:
        """Those anywhere in a folder, ordered by path."""
        start = folder.rstrip("/") + "/"
        query = f"{ALL} WHERE substr(path, 1, ?) = ? ORDER BY path"
        rows = self._session.read(
            lambda connection: connection.execute(query, (len(start), start)).fetchall()
        )
        return [_file(row) for row in rows]

    def paths(self, file_ids: Sequence[str]) -> dict[str, str]:
        """Paths by file_id, of those that are known."""

        def look(connection: sqlite3.Connection) -> dict[str, str]:
            query = "SELECT file_id, path FROM files WHERE file_id = ?"
            return dict(
                row for file_id in file_ids for row in connection.execute(query, (file_id,)).fetchall()
            )

        return self._session.read(look)


def _file(row: tuple[str, int, int, str, int]) -> IndexedFile:
    path, size, mtime_ns, file_id, regions = row
    return IndexedFile(path, size, mtime_ns, file_id, bool(regions))
