"""Which stored photograph a file on the disk is: an SQLite file that processes share."""

import sqlite3
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

from adapters.sqlite.session import SqliteSession
from domain.index import IndexedFile

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, size INTEGER NOT NULL, "
    "mtime_ns INTEGER NOT NULL, file_id TEXT NOT NULL, regions INTEGER NOT NULL)",
    "CREATE INDEX IF NOT EXISTS files_by_id ON files (file_id)",
)

SELECT_FILES = "SELECT path, size, mtime_ns, file_id, regions FROM files"


class SqliteIndexedFileStore:
    """The port `IndexedFiles` over one file.

    Args:
        path: The file; its directory is made when it is first used.
    """

    def __init__(self, path: Path) -> None:
        self._session = SqliteSession(path, SCHEMA, "the list of indexed files")

    def get(self, path: str) -> IndexedFile | None:
        """What is known of the file; None where nothing is."""
        rows = self._session.read(
            lambda connection: connection.execute(f"{SELECT_FILES} WHERE path = ?", (path,)).fetchall()
        )
        return _file_from_row(rows[0]) if rows else None

    def claim(self, file: IndexedFile) -> IndexedFile:
        """What its path is from now on: `file`, or what was known of it, with the `regions` of `file`."""
        statement = (
            "INSERT INTO files VALUES (?, ?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET regions = "
            "excluded.regions RETURNING path, size, mtime_ns, file_id, regions"
        )
        (row,) = self._session.write(
            lambda connection: connection.execute(statement, astuple(file)).fetchall()
        )
        return _file_from_row(row)

    def update(self, file: IndexedFile) -> bool:
        """Remember a claimed file as it is now; False where its path is no longer it."""
        statement = "UPDATE files SET size = ?, mtime_ns = ?, regions = ? WHERE path = ? AND file_id = ?"
        values = (file.size, file.mtime_ns, file.regions, file.path, file.file_id)
        return self._session.write(lambda connection: connection.execute(statement, values).rowcount) > 0

    def remove(self, file: IndexedFile) -> None:
        """Forget a file; nothing is done where its path is another one by now."""
        statement = "DELETE FROM files WHERE path = ? AND file_id = ?"
        values = (file.path, file.file_id)
        self._session.write(lambda connection: connection.execute(statement, values))

    def inside(self, folder: str) -> list[IndexedFile]:
        """Those anywhere in a folder, ordered by path."""
        start = folder.rstrip("/") + "/"
        query = f"{SELECT_FILES} WHERE substr(path, 1, ?) = ? ORDER BY path"
        rows = self._session.read(
            lambda connection: connection.execute(query, (len(start), start)).fetchall()
        )
        return [_file_from_row(row) for row in rows]

    def paths(self, file_ids: Sequence[str]) -> dict[str, str]:
        """Paths by file_id, of those that are known."""

        def look(connection: sqlite3.Connection) -> dict[str, str]:
            query = "SELECT file_id, path FROM files WHERE file_id = ?"
            return dict(
                row for file_id in file_ids for row in connection.execute(query, (file_id,)).fetchall()
            )

        return self._session.read(look)


def _file_from_row(row: tuple[str, int, int, str, int]) -> IndexedFile:
    path, size, mtime_ns, file_id, regions = row
    return IndexedFile(path, size, mtime_ns, file_id, bool(regions))
