"""Records of indexed files on the disk, in an SQLite file that processes share."""

import os
import sqlite3
from collections.abc import Sequence
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
    """The port `IndexedFileStore` over one file.

    Args:
        path: The file; its directory is created on first use.
    """

    def __init__(self, path: Path) -> None:
        self._session = SqliteSession(path, SCHEMA, "the list of indexed files")

    def get(self, path: str) -> IndexedFile | None:
        """Return the record of the file, or None."""
        query, values = f"{SELECT_FILES} WHERE path = ?", (_path_value(path),)
        rows = self._session.read(lambda connection: connection.execute(query, values).fetchall())
        return _file_from_row(rows[0]) if rows else None

    def claim(self, file: IndexedFile) -> IndexedFile:
        """Return the record of a path from now on: `file`, or the earlier one with its new `regions`."""
        statement = (
            "INSERT INTO files VALUES (?, ?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET regions = "
            "excluded.regions RETURNING path, size, mtime_ns, file_id, regions"
        )
        values = (_path_value(file.path), file.size, file.mtime_ns, file.file_id, file.regions)
        (row,) = self._session.write(lambda connection: connection.execute(statement, values).fetchall())
        return _file_from_row(row)

    def update(self, file: IndexedFile) -> bool:
        """Update the record of a claimed file; return False if its path has another file_id by now."""
        statement = "UPDATE files SET size = ?, mtime_ns = ?, regions = ? WHERE path = ? AND file_id = ?"
        values = (file.size, file.mtime_ns, file.regions, _path_value(file.path), file.file_id)
        return self._session.write(lambda connection: connection.execute(statement, values).rowcount) > 0

    def remove(self, file: IndexedFile) -> None:
        """Delete a file's record unless its path has another file_id by now."""
        statement = "DELETE FROM files WHERE path = ? AND file_id = ?"
        values = (_path_value(file.path), file.file_id)
        self._session.write(lambda connection: connection.execute(statement, values))

    def inside(self, folder: str) -> list[IndexedFile]:
        """Return the files anywhere inside a folder, ordered by path."""
        start = os.fsencode(folder.rstrip("/") + "/")
        query = f"{SELECT_FILES} WHERE substr(CAST(path AS BLOB), 1, ?) = ? ORDER BY CAST(path AS BLOB)"
        rows = self._session.read(
            lambda connection: connection.execute(query, (len(start), start)).fetchall()
        )
        return [_file_from_row(row) for row in rows]

    def paths(self, file_ids: Sequence[str]) -> dict[str, str]:
        """Return paths by file_id, for the ids that are known."""

        def select(connection: sqlite3.Connection) -> dict[str, str]:
            query = "SELECT file_id, path FROM files WHERE file_id = ?"
            rows = [row for id_ in file_ids for row in connection.execute(query, (id_,)).fetchall()]
            return {file_id: _path_of(value) for file_id, value in rows}

        return self._session.read(select)


def _path_value(path: str) -> str | bytes:
    """Return the value that stands for a path: text, or its bytes where they are not UTF-8."""
    data = os.fsencode(path)
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def _path_of(value: str | bytes) -> str:
    return os.fsdecode(value if isinstance(value, bytes) else value.encode())


def _file_from_row(row: tuple[str | bytes, int, int, str, int]) -> IndexedFile:
    path, size, mtime_ns, file_id, regions = row
    return IndexedFile(_path_of(path), size, mtime_ns, file_id, bool(regions))
