"""What the job store does by itself: takes lost jobs back, forgets old ones, keeps within its bytes."""

import json
import logging
import sqlite3

from adapters.sqlite.job_rows import Parameter, delete_job, end_items
from domain.errors import JobLost, StorageUnavailable

logger = logging.getLogger(__name__)

MOST_LOSSES = 2
"""Two processes ended while they ran the job: it may be the cause, and does not get a third."""


def requeue(connection: sqlite3.Connection, which: str, value: Parameter, reason: str) -> None:
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


def take_back_lost(connection: sqlite3.Connection, now: float, expires_at: float) -> None:
    """Requeue jobs whose process was not heard of for too long; fail those that it happened to before.

    In a batch the photograph that was at hand is failed instead, and the others go on.
    """
    connection.execute(
        "UPDATE jobs SET losses = losses + 1 WHERE state = 'running' AND lease_until < ?", (now,)
    )
    _fail_deadly_items(connection, now)
    error = JobLost(f"{MOST_LOSSES} processes ended while they ran this job; it is not tried again")
    rows = connection.execute(
        "UPDATE jobs SET state = 'failed', message = 'lost', error = ?, claim = NULL, "
        "finished_at = ?, expires_at = ?, revision = revision + 1 "
        f"WHERE state = 'running' AND lease_until < ? AND losses >= {_MOST_OF_JOB} RETURNING job_id",
        (_json(error), now, expires_at, now),
    ).fetchall()
    for (job_id,) in rows:
        logger.error("job %s: %s", job_id, error.message)
        end_items(connection, job_id, "failed", _json(error))
    requeue(connection, "lease_until < ?", now, "the process that ran it ended")


_MOST_OF_JOB = f"{MOST_LOSSES} * (1 + batch * (SELECT COUNT(*) FROM items WHERE items.job_id = jobs.job_id))"
"""A batch that is lost more often than all its photographs together account for has another fault."""


def _fail_deadly_items(connection: sqlite3.Connection, now: float) -> None:
    """Count a loss for the photographs of batches that were at hand; fail those it happened to before."""
    at_hand = (
        "SELECT items.job_id, items.position FROM items JOIN jobs USING (job_id) "
        "WHERE jobs.state = 'running' AND lease_until < ? AND batch = 1 AND items.state = 'running'"
    )
    error = JobLost(
        f"{MOST_LOSSES} processes ended while they were at this photograph; it is not tried again"
    )
    for job_id, position in connection.execute(at_hand, (now,)).fetchall():
        (losses,) = connection.execute(
            "INSERT INTO item_losses VALUES (?, ?, 1) "
            "ON CONFLICT DO UPDATE SET losses = losses + 1 RETURNING losses",
            (job_id, position),
        ).fetchone()
        if losses >= MOST_LOSSES:
            logger.error("job %s, photograph %d: %s", job_id, position, error.message)
            connection.execute(
                "UPDATE items SET state = 'failed', answer = ?, bytes = 0 WHERE job_id = ? AND position = ?",
                (_json(error), job_id, position),
            )


def _json(error: JobLost) -> str:
    return json.dumps({"code": error.code, "message": error.message, "details": {"losses": MOST_LOSSES}})


def forget_expired(connection: sqlite3.Connection, now: float) -> None:
    """Delete finished jobs whose time is over."""
    rows = connection.execute("SELECT job_id FROM jobs WHERE expires_at <= ?", (now,)).fetchall()
    for (job_id,) in rows:
        delete_job(connection, job_id)


def make_room(connection: sqlite3.Connection, wanted: int, most: int) -> None:
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
