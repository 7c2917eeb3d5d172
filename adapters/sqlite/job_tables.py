"""The tables of the job store, and jobs as rows of them."""

import json
import logging
import sqlite3
from typing import Final

from domain.errors import JobLost, NotFound, StorageUnavailable
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

JOB_COLUMNS: Final = (
    "job_id, kind, batch, options, state, stage, done, total, message, error, claim, losses, revision, "
    "created_at, started_at, finished_at, expires_at"
)
"""The columns of a Job, in the order of its members."""

SqlValue = str | int | float | None


def select_job(connection: sqlite3.Connection, job_id: str, now: float) -> Job:
    """The job.

    Raises:
        NotFound: Never submitted, expired or removed.
    """
    row = connection.execute(
        f"SELECT {JOB_COLUMNS} FROM jobs WHERE job_id = ? AND (expires_at IS NULL OR expires_at > ?)",
        (job_id, now),
    ).fetchone()
    if row is None:
        raise job_not_found(job_id)
    return job_from_row(row)


def job_from_row(row: tuple[SqlValue, ...]) -> Job:
    """The job in a row of FIELDS."""
    job_id, kind, batch, *rest = row
    return Job(job_id, kind, bool(batch), *rest)  # type: ignore[arg-type]


def select_items(connection: sqlite3.Connection, job_id: str, answers: bool) -> list[JobItem]:
    """The photographs of a job, in order; only with errors where `answers` is false."""
    answer = "answer" if answers else "CASE state WHEN 'failed' THEN answer END"
    rows = connection.execute(
        f"SELECT file_id, state, {answer} FROM items WHERE job_id = ? ORDER BY position", (job_id,)
    )
    return [JobItem(*row) for row in rows]


def end_unfinished_items(
    connection: sqlite3.Connection, job_id: str, state: JobState, answer: str | None
) -> None:
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


def job_not_found(job_id: str) -> NotFound:
    """The error of a job that is not there."""
    shown = job_id[:64]
    return NotFound(
        f"expected the job_id of a job, got {shown!r}: it was never submitted, or it has expired "
        "(finished jobs are kept for the configured time and space), or it was removed",
        {"job_id": shown},
    )


logger = logging.getLogger(__name__)

MAX_LOSSES = 2
"""Two processes ended while they ran the job: it may be the cause, and does not get a third."""


def requeue_jobs(connection: sqlite3.Connection, which: str, value: SqlValue, reason: str) -> None:
    """Queue running jobs again, in their old places; photographs that are done stay so."""
    rows = connection.execute(
        "UPDATE jobs SET state = 'queued', stage = '', message = ?, claim = NULL, done = batch * done, "
        "total = batch * total, revision = revision + 1 "
        f"WHERE state = 'running' AND {which} RETURNING job_id",
        (f"queued again: {reason}", value),
    ).fetchall()
    for (job_id,) in rows:
        logger.info("job %s queued again: %s", job_id, reason)
        connection.execute(
            "UPDATE items SET state = 'queued', answer = NULL, bytes = 0 "
            "WHERE job_id = ? AND state = 'running'",
            (job_id,),
        )


def requeue_expired_leases(connection: sqlite3.Connection, now: float, expires_at: float) -> None:
    """Requeue jobs whose process was not heard of for too long; fail those that it happened to before.

    In a batch the photograph that was at hand is failed instead, and the others go on.
    """
    connection.execute(
        "UPDATE jobs SET losses = losses + 1 WHERE state = 'running' AND lease_until < ?", (now,)
    )
    _fail_crashing_items(connection, now)
    error = JobLost(f"{MAX_LOSSES} processes ended while they ran this job; it is not tried again")
    rows = connection.execute(
        "UPDATE jobs SET state = 'failed', message = 'lost', error = ?, claim = NULL, "
        "finished_at = ?, expires_at = ?, revision = revision + 1 "
        f"WHERE state = 'running' AND lease_until < ? AND losses >= {_MAX_JOB_LOSSES} RETURNING job_id",
        (_error_json(error), now, expires_at, now),
    ).fetchall()
    for (job_id,) in rows:
        logger.error("job %s: %s", job_id, error.message)
        end_unfinished_items(connection, job_id, "failed", _error_json(error))
    requeue_jobs(connection, "lease_until < ?", now, "the process that ran it ended")


_MAX_JOB_LOSSES = (
    f"{MAX_LOSSES} * (1 + batch * (SELECT COUNT(*) FROM items WHERE items.job_id = jobs.job_id))"
)
"""A batch that is lost more often than all its photographs together account for has another fault."""


def _fail_crashing_items(connection: sqlite3.Connection, now: float) -> None:
    """Count a loss for the photographs of batches that were at hand; fail those it happened to before."""
    at_hand = (
        "SELECT items.job_id, items.position FROM items JOIN jobs USING (job_id) "
        "WHERE jobs.state = 'running' AND lease_until < ? AND batch = 1 AND items.state = 'running'"
    )
    error = JobLost(f"{MAX_LOSSES} processes ended while they were at this photograph; it is not tried again")
    for job_id, position in connection.execute(at_hand, (now,)).fetchall():
        (losses,) = connection.execute(
            "INSERT INTO item_losses VALUES (?, ?, 1) "
            "ON CONFLICT DO UPDATE SET losses = losses + 1 RETURNING losses",
            (job_id, position),
        ).fetchone()
        if losses >= MAX_LOSSES:
            logger.error("job %s, photograph %d: %s", job_id, position, error.message)
            connection.execute(
                "UPDATE items SET state = 'failed', answer = ?, bytes = 0 WHERE job_id = ? AND position = ?",
                (_error_json(error), job_id, position),
            )


def _error_json(error: JobLost) -> str:
    return json.dumps({"code": error.code, "message": error.message, "details": {"losses": MAX_LOSSES}})


def delete_expired_jobs(connection: sqlite3.Connection, now: float) -> None:
    """Delete finished jobs whose time is over."""
    rows = connection.execute("SELECT job_id FROM jobs WHERE expires_at <= ?", (now,)).fetchall()
    for (job_id,) in rows:
        delete_job(connection, job_id)


def evict_finished_jobs(connection: sqlite3.Connection, wanted: int, most: int) -> None:
    """Delete the jobs finished longest ago until `wanted` bytes fit among `most`.

    Raises:
        StorageUnavailable: What is not finished yet takes too much by itself.
    """
    (held,) = connection.execute("SELECT COALESCE(SUM(bytes), 0) FROM items").fetchone()
    missing = held + wanted - most
    if missing <= 0:
        return
    rows = connection.execute(
        "SELECT job_id, (SELECT SUM(bytes) FROM items WHERE items.job_id = jobs.job_id) FROM jobs "
        "WHERE finished_at IS NOT NULL ORDER BY finished_at, position"
    ).fetchall()
    if missing > sum(size for _, size in rows):
        raise StorageUnavailable(f"the answers of unfinished jobs take the {most:,} bytes kept for jobs")
    for job_id, size in rows:
        if missing > 0:
            delete_job(connection, job_id)
            missing -= size
