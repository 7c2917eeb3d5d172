"""The tables of the job store, and jobs as rows of them."""

import sqlite3
from typing import Final

from domain.errors import NotFound
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
    # The answer stands last, so that what stands before it is read without it.
    """CREATE TABLE IF NOT EXISTS items (
        job_id TEXT NOT NULL,
        position INTEGER NOT NULL,
        file_id TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'queued',
        bytes INTEGER NOT NULL DEFAULT 0,
        answer TEXT,
        PRIMARY KEY (job_id, position))""",
    # How many processes ended while they were at a photograph; most never have a row.
    """CREATE TABLE IF NOT EXISTS item_losses (
        job_id TEXT NOT NULL,
        position INTEGER NOT NULL,
        losses INTEGER NOT NULL,
        PRIMARY KEY (job_id, position))""",
)

FIELDS: Final = (
    "job_id, kind, batch, options, state, stage, done, total, message, error, claim, losses, revision, "
    "created_at, started_at, finished_at, expires_at"
)
"""The columns of a Job, in the order of its members."""

Parameter = str | int | float | None


def find_job(connection: sqlite3.Connection, job_id: str, now: float) -> Job:
    """The job.

    Raises:
        NotFound: Never submitted, expired or removed.
    """
    row = connection.execute(
        f"SELECT {FIELDS} FROM jobs WHERE job_id = ? AND (expires_at IS NULL OR expires_at > ?)",
        (job_id, now),
    ).fetchone()
    if row is None:
        raise not_found(job_id)
    return job_of(row)


def job_of(row: tuple[Parameter, ...]) -> Job:
    """The job in a row of FIELDS."""
    job_id, kind, batch, *rest = row
    return Job(job_id, kind, bool(batch), *rest)  # type: ignore[arg-type]


def find_items(connection: sqlite3.Connection, job_id: str, answers: bool) -> list[JobItem]:
    """The photographs of a job, in order; only with errors where `answers` is false."""
    answer = "answer" if answers else "CASE state WHEN 'failed' THEN answer END"
    rows = connection.execute(
        f"SELECT file_id, state, {answer} FROM items WHERE job_id = ? ORDER BY position", (job_id,)
    )
    return [JobItem(*row) for row in rows]


def end_items(connection: sqlite3.Connection, job_id: str, state: JobState, answer: str | None) -> None:
    """Whatever is not finished becomes `state`."""
    connection.execute(
        "UPDATE items SET state = ?, answer = ?, bytes = 0 "
        "WHERE job_id = ? AND state IN ('queued', 'running')",
        (state, answer, job_id),
    )


def delete_job(connection: sqlite3.Connection, job_id: str) -> None:
    """Forget a job and what it answered."""
    connection.execute("DELETE FROM jobs WHERE job_id = ?", (job_id,))
    for table in ("items", "item_losses"):
        connection.execute(f"DELETE FROM {table} WHERE job_id = ?", (job_id,))


def not_found(job_id: str) -> NotFound:
    """The error of a job that is not there."""
    shown = job_id[:64]
    return NotFound(
        f"expected the job_id of a job, got {shown!r}: it was never submitted, or it has expired "
        "(finished jobs are kept for the configured time and space), or it was removed",
        {"job_id": shown},
    )
