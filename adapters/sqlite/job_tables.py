"""Tables of the job store, and the statements on them."""

import json
import sqlite3
from typing import Final

from domain.errors import NotFound, StorageUnavailable, error_body
from domain.jobs import Job, JobItem, JobState

SCHEMA: Final = (
    """CREATE TABLE IF NOT EXISTS jobs (
        position INTEGER PRIMARY KEY,
        job_id TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        batch INTEGER NOT NULL,
        options TEXT NOT NULL,
        state TEXT NOT NULL,
        stage TEXT NOT NULL DEFAULT '',
        done INTEGER NOT NULL DEFAULT 0,
        total INTEGER NOT NULL,
        message TEXT NOT NULL,
        error TEXT,
        claim TEXT,
        lease_until REAL,
        losses INTEGER NOT NULL DEFAULT 0,
        revision INTEGER NOT NULL DEFAULT 1,
        created_at REAL NOT NULL,
        started_at REAL,
        finished_at REAL,
        expires_at REAL)""",
    "CREATE INDEX IF NOT EXISTS by_state ON jobs (state, position)",
    # The answer is the last column, so that the others are read without it.
    """CREATE TABLE IF NOT EXISTS items (
        job_id TEXT NOT NULL,
        position INTEGER NOT NULL,
        file_id TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'queued',
        bytes INTEGER NOT NULL DEFAULT 0,
        answer TEXT,
        PRIMARY KEY (job_id, position))""",
    # Number of processes that ended while they worked on an image; most images have no row.
    """CREATE TABLE IF NOT EXISTS item_losses (
        job_id TEXT NOT NULL,
        position INTEGER NOT NULL,
        losses INTEGER NOT NULL,
        PRIMARY KEY (job_id, position))""",
)

JOB_COLUMNS: Final = (
    "job_id, kind, batch, options, state, stage, done, total, message, error, claim, losses, revision, "
    "created_at, started_at, finished_at, expires_at"
)
"""Columns of a Job, in the order of its fields."""

SqlValue = str | int | float | None


def select_job(connection: sqlite3.Connection, job_id: str, now: float) -> Job:
    """Return the job.

    Raises:
        NotFound: The job was never submitted, has expired or was removed.
    """
    row = connection.execute(
        f"SELECT {JOB_COLUMNS} FROM jobs WHERE job_id = ? AND (expires_at IS NULL OR expires_at > ?)",
        (job_id, now),
    ).fetchone()
    if row is None:
        raise job_not_found(job_id)
    return job_from_row(row)


def job_from_row(row: tuple[SqlValue, ...]) -> Job:
    """Return the job of a row of JOB_COLUMNS."""
    job_id, kind, batch, *rest = row
    return Job(job_id, kind, bool(batch), *rest)  # type: ignore[arg-type]


def select_items(connection: sqlite3.Connection, job_id: str, answers: bool) -> list[JobItem]:
    """Return the images of a job, in order; without answers but errors if `answers` is false."""
    answer = "answer" if answers else "CASE state WHEN 'failed' THEN answer END"
    rows = connection.execute(
        f"SELECT file_id, state, {answer} FROM items WHERE job_id = ? ORDER BY position", (job_id,)
    )
    return [JobItem(*row) for row in rows]


def end_unfinished_items(
    connection: sqlite3.Connection, job_id: str, state: JobState, answer: str | None
) -> None:
    """Set the state of all unfinished images of a job."""
    connection.execute(
        "UPDATE items SET state = ?, answer = ?, bytes = 0 "
        "WHERE job_id = ? AND state IN ('queued', 'running')",
        (state, answer, job_id),
    )


def delete_job_rows(connection: sqlite3.Connection, job_id: str) -> None:
    """Delete a job and its answers."""
    connection.execute("DELETE FROM jobs WHERE job_id = ?", (job_id,))
    for table in ("items", "item_losses"):
        connection.execute(f"DELETE FROM {table} WHERE job_id = ?", (job_id,))


def delete_image_rows(connection: sqlite3.Connection, file_id: str) -> None:
    """Delete the jobs about one image, and its answers in batches, whose entry for it fails."""
    rows = connection.execute(
        "SELECT DISTINCT job_id, batch FROM items JOIN jobs USING (job_id) WHERE file_id = ?", (file_id,)
    ).fetchall()
    error = json.dumps(error_body(NotFound("expected a stored image, got one that was deleted")))
    for job_id, batch in rows:
        if not batch:
            delete_job_rows(connection, job_id)
            continue
        connection.execute(
            "UPDATE items SET state = 'failed', answer = ?, bytes = 0 WHERE job_id = ? AND file_id = ?",
            (error, job_id, file_id),
        )
        connection.execute("UPDATE jobs SET revision = revision + 1 WHERE job_id = ?", (job_id,))


def job_not_found(job_id: str) -> NotFound:
    """Return the error for a job that does not exist."""
    shown = job_id[:64]
    return NotFound(
        f"expected the job_id of a job, got {shown!r}: it was never submitted, or it has expired "
        "(finished jobs are kept for the configured time and space), or it was removed",
        {"job_id": shown},
    )


def delete_expired_jobs(connection: sqlite3.Connection, now: float) -> None:
    """Delete finished jobs that have expired."""
    rows = connection.execute("SELECT job_id FROM jobs WHERE expires_at <= ?", (now,)).fetchall()
    for (job_id,) in rows:
        delete_job_rows(connection, job_id)


def evict_finished_jobs(connection: sqlite3.Connection, needed: int, limit: int) -> None:
    """Delete the jobs that finished first until `needed` bytes fit below `limit`.

    Raises:
        StorageUnavailable: The unfinished jobs alone exceed the limit.
    """
    (held,) = connection.execute("SELECT COALESCE(SUM(bytes), 0) FROM items").fetchone()
    missing = held + needed - limit
    if missing <= 0:
        return
    rows = connection.execute(
        "SELECT job_id, (SELECT SUM(bytes) FROM items WHERE items.job_id = jobs.job_id) FROM jobs "
        "WHERE finished_at IS NOT NULL ORDER BY finished_at, position"
    ).fetchall()
    if missing > sum(size for _, size in rows):
        raise StorageUnavailable(
            f"the answers of unfinished jobs fill the {limit:,} bytes that jobs may take"
        )
    for job_id, size in rows:
        if missing > 0:
            delete_job_rows(connection, job_id)
            missing -= size
