"""The tables of the search index, and the statements on them.

A photograph's rows stand side by side: `first` is the whole, the regions follow up to `last`. Ids only grow,
also after deletions: whoever has read up to an id needs only what comes after it, and the removals.
"""

import json
import secrets
import sqlite3
from collections.abc import Sequence

import numpy as np

from domain.arrays import Floats
from domain.index import IndexCounts, IndexedPhoto, IndexedRegion, SearchHit

SCHEMA = (
    # What was acknowledged lasts through a power cut, too.
    "PRAGMA synchronous=FULL",
    "CREATE TABLE IF NOT EXISTS photographs (photo INTEGER PRIMARY KEY AUTOINCREMENT, file_id TEXT NOT NULL, "
    "model TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, UNIQUE (file_id, model))",
    "CREATE TABLE IF NOT EXISTS entries (id INTEGER PRIMARY KEY AUTOINCREMENT, photo INTEGER NOT NULL, "
    "region TEXT, vector BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS removals (number INTEGER PRIMARY KEY AUTOINCREMENT, first INTEGER NOT NULL, "
    "last INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS file (one INTEGER PRIMARY KEY, name TEXT NOT NULL)",
)

MAX_KEPT_REMOVALS = 10_000
"""Whoever has missed more than these reads everything anew."""

IDS_PER_QUERY = 500
"""Ids in one query, below SQLite's limit on parameters."""


def select_index_id(connection: sqlite3.Connection) -> str:
    """A random name that the file got when it was begun: ids of another file mean nothing here."""
    found = connection.execute("SELECT name FROM file").fetchone()
    return str(found[0]) if found else ""


def insert_photo(connection: sqlite3.Connection, model: str, file_id: str, photo: IndexedPhoto) -> None:
    """Write a photograph in place of what was known of it."""
    connection.execute("INSERT OR IGNORE INTO file VALUES (1, ?)", (secrets.token_hex(8),))
    delete_photo(connection, file_id, model)
    number = connection.execute(
        "INSERT INTO photographs (file_id, model, first, last) VALUES (?, ?, 0, 0)", (file_id, model)
    ).lastrowid
    rows: list[tuple[int | None, str | None, bytes]] = [(number, None, vector_to_blob(photo.vectors[0]))]
    rows += [
        (number, _region_to_json(region), vector_to_blob(vector))
        for region, vector in zip(photo.regions, photo.vectors[1:], strict=True)
    ]
    connection.executemany("INSERT INTO entries (photo, region, vector) VALUES (?, ?, ?)", rows)
    (last,) = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'entries'").fetchone()
    ends = (last - len(rows) + 1, last, number)
    connection.execute("UPDATE photographs SET first = ?, last = ? WHERE photo = ?", ends)


def delete_photo(connection: sqlite3.Connection, file_id: str, model: str | None = None) -> int:
    """Remove a photograph, of all models unless one is named; how many there were."""
    rows = connection.execute(
        "DELETE FROM photographs WHERE file_id = ? AND model = COALESCE(?, model) RETURNING first, last",
        (file_id, model),
    ).fetchall()
    connection.executemany("DELETE FROM entries WHERE id BETWEEN ? AND ?", rows)
    connection.executemany("INSERT INTO removals (first, last) VALUES (?, ?)", rows)
    if rows:
        connection.execute(
            "DELETE FROM removals WHERE number <= (SELECT MAX(number) FROM removals) - ?",
            (MAX_KEPT_REMOVALS,),
        )
    return len(rows)


def select_photo(connection: sqlite3.Connection, model: str, file_id: str) -> IndexedPhoto | None:
    """What is kept of a photograph."""
    rows = connection.execute(
        "SELECT e.vector, e.region FROM photographs p JOIN entries e ON e.id BETWEEN p.first AND p.last "
        "WHERE p.file_id = ? AND p.model = ? ORDER BY e.id",
        (file_id, model),
    ).fetchall()
    if not rows:
        return None
    regions = tuple(_region_from_json(text) for _, text in rows[1:])
    return IndexedPhoto(blobs_to_vectors(b"".join(vector for vector, _ in rows), len(rows)), regions)


def select_hits(connection: sqlite3.Connection, ids: Sequence[int], vector: Floats) -> list[SearchHit]:
    """Those of `ids` that are there still, best first, compared with `vector` anew."""
    rows: list[tuple[str, str | None, bytes]] = []
    for start in range(0, len(ids), IDS_PER_QUERY):
        part = ids[start : start + IDS_PER_QUERY]
        rows += connection.execute(
            "SELECT p.file_id, e.region, e.vector FROM entries e JOIN photographs p ON p.photo = e.photo "
            f"WHERE e.id IN ({','.join('?' * len(part))}) ORDER BY e.id",
            part,
        )
    if not rows:
        return []
    vectors = blobs_to_vectors(b"".join(row[2] for row in rows), len(rows))
    scores = vectors @ vector
    return [
        SearchHit(
            rows[at][0],
            _region_from_json(rows[at][1]) if rows[at][1] else None,
            vectors[at],
            float(scores[at]),
        )
        for at in np.argsort(-scores, kind="stable")
    ]


def count_photos(connection: sqlite3.Connection, model: str) -> IndexCounts:
    """How much is kept."""
    images, regions, every = connection.execute(
        "SELECT COALESCE(SUM(model = ?1), 0), COALESCE(SUM((model = ?1) * (last - first)), 0), COUNT(*) "
        "FROM photographs",
        (model,),
    ).fetchone()
    return IndexCounts(images, regions, every - images)


def vector_to_blob(vector: Floats) -> bytes:
    """A vector [D] as it is kept: float16, which costs a cosine less than 0.0001."""
    return vector.astype(np.float16).tobytes()


def blobs_to_vectors(data: bytes, count: int) -> Floats:
    """`count` vectors float32 [N, D] of their blobs one after the other."""
    return np.frombuffer(data, np.float16).reshape(count, -1).astype(np.float32)


def _region_to_json(region: IndexedRegion) -> str:
    return json.dumps([region.mask_index, *region.xywh, region.label, region.confidence], ensure_ascii=False)


def _region_from_json(text: str) -> IndexedRegion:
    mask_index, x, y, w, h, label, confidence = json.loads(text)
    return IndexedRegion(mask_index, (x, y, w, h), label, confidence)
