"""Tables of taught vocabularies, and the statements on them."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from adapters.sqlite.session import KEYS_PER_QUERY
from domain.arrays import Floats
from domain.batches import batched
from domain.labels import Label, TaughtVocabulary, Vocabulary

SCHEMA = (
    # Acknowledged writes survive a power cut.
    "PRAGMA synchronous=FULL",
    "CREATE TABLE IF NOT EXISTS vocabularies (name TEXT NOT NULL, version INTEGER NOT NULL, "
    "created REAL NOT NULL, labels TEXT NOT NULL, PRIMARY KEY (name, version))",
    # The numbers outlive the vocabularies, so that a version never means two things.
    "CREATE TABLE IF NOT EXISTS numbers (name TEXT PRIMARY KEY, last INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS pictures (digest TEXT PRIMARY KEY, file BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS uses (digest TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, "
    "PRIMARY KEY (digest, name, version)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS vectors (digest TEXT NOT NULL, model TEXT NOT NULL, vector BLOB NOT NULL, "
    "PRIMARY KEY (digest, model))",
)


def next_version(connection: sqlite3.Connection, name: str) -> int:
    """Return a version number that `name` never had."""
    (number,) = connection.execute(
        "INSERT INTO numbers VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET last = last + 1 RETURNING last",
        (name,),
    ).fetchone()
    return int(number)


def insert_version(
    connection: sqlite3.Connection, taught: TaughtVocabulary, images: Mapping[str, bytes]
) -> None:
    """Insert a version and the files of its examples."""
    row = taught.name, taught.version, taught.created, _vocabulary_to_json(taught.vocabulary)
    connection.execute("INSERT INTO vocabularies VALUES (?, ?, ?, ?)", row)
    connection.executemany("INSERT OR IGNORE INTO pictures VALUES (?, ?)", images.items())
    used = {digest for label in taught.vocabulary.labels for digest in label.examples}
    uses = [(digest, taught.name, taught.version) for digest in used]
    connection.executemany("INSERT INTO uses VALUES (?, ?, ?)", uses)


def delete_versions(connection: sqlite3.Connection, name: str, before: int | None = None) -> int:
    """Delete the versions of `name`, or those below `before`, and their examples; return their number."""
    which = (name, before)
    below = "name = ?1 AND (?2 IS NULL OR version < ?2)"
    connection.execute(f"DELETE FROM uses WHERE {below}", which)
    count = connection.execute(f"DELETE FROM vocabularies WHERE {below}", which).rowcount
    if count:
        for table in ("pictures", "vectors"):
            connection.execute(f"DELETE FROM {table} WHERE digest NOT IN (SELECT digest FROM uses)")
    return count


def select_version(connection: sqlite3.Connection, name: str, version: int | None) -> TaughtVocabulary | None:
    """Return that version, else the newest one, or None."""
    row = connection.execute(
        "SELECT name, version, created, labels FROM vocabularies WHERE name = ?1 "
        "AND (?2 IS NULL OR version = ?2) ORDER BY version DESC LIMIT 1",
        (name, version),
    ).fetchone()
    return _vocabulary_from_row(row) if row else None


def select_latest_versions(connection: sqlite3.Connection) -> list[TaughtVocabulary]:
    """Return the newest version of every name."""
    rows = connection.execute(
        "SELECT name, MAX(version), created, labels FROM vocabularies GROUP BY name ORDER BY name"
    )
    return [_vocabulary_from_row(row) for row in rows]


def select_version_numbers(connection: sqlite3.Connection, name: str) -> list[int]:
    """Return the stored version numbers of a name, ascending."""
    query = "SELECT version FROM vocabularies WHERE name = ? ORDER BY version"
    return [row[0] for row in connection.execute(query, (name,))]


def count_kept_bytes(connection: sqlite3.Connection) -> int:
    """Return the bytes of all image files and labels; vectors do not count, as they can be recomputed."""
    (size,) = connection.execute(
        "SELECT (SELECT COALESCE(SUM(LENGTH(file)), 0) FROM pictures) "
        "+ (SELECT COALESCE(SUM(LENGTH(CAST(labels AS BLOB))), 0) FROM vocabularies)"
    ).fetchone()
    return int(size)


def select_example_images(connection: sqlite3.Connection, digests: Sequence[str]) -> dict[str, bytes]:
    """Return image files by digest."""
    return dict(
        _select_by_digest(connection, "SELECT digest, file FROM pictures WHERE digest IN ({})", digests)
    )


def select_example_vectors(
    connection: sqlite3.Connection, model: str, digests: Sequence[str]
) -> dict[str, Floats]:
    """Return vectors [D] by digest."""
    query = "SELECT digest, vector FROM vectors WHERE digest IN ({}) AND model = ?"
    found = _select_by_digest(connection, query, digests, model)
    return {digest: np.frombuffer(blob, np.float32) for digest, blob in found}


def insert_example_vectors(connection: sqlite3.Connection, model: str, known: Mapping[str, Floats]) -> None:
    """Insert vectors [D] by digest, for images that are still stored."""
    rows = [(digest, model, vector.astype(np.float32).tobytes()) for digest, vector in known.items()]
    connection.executemany(
        "INSERT OR REPLACE INTO vectors SELECT ?1, ?2, ?3 WHERE EXISTS "
        "(SELECT 1 FROM pictures WHERE digest = ?1)",
        rows,
    )


def _select_by_digest(
    connection: sqlite3.Connection, query: str, digests: Sequence[str], *more: str
) -> Iterator[tuple[str, bytes]]:
    for part in batched(digests, KEYS_PER_QUERY):
        yield from connection.execute(query.format(",".join("?" * len(part))), (*part, *more)).fetchall()


def _vocabulary_to_json(vocabulary: Vocabulary) -> str:
    """Return the labels as a list, or as an object with their language where they have one."""
    rows = [[label.name, label.prompts, label.aliases, label.examples] for label in vocabulary.labels]
    whole = rows if vocabulary.lang is None else {"lang": vocabulary.lang, "labels": rows}
    return json.dumps(whole, ensure_ascii=False)


def _vocabulary_from_row(row: tuple[str, int, float, str]) -> TaughtVocabulary:
    name, version, created, text = row
    whole = json.loads(text)
    lang, rows = (whole["lang"], whole["labels"]) if isinstance(whole, dict) else (None, whole)
    labels = tuple(
        Label(label, tuple(prompts), tuple(aliases), tuple(examples))
        for label, prompts, aliases, examples in rows
    )
    return TaughtVocabulary(name, version, created, Vocabulary(f"{name}@{version}", labels, lang))
