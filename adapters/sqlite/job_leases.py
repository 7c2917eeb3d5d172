"""Leases of running jobs: a job whose process ended is queued again, or failed when it was lost too often."""

import json
import logging
import sqlite3

from adapters.sqlite.job_tables import SqlValue, end_unfinished_items
from domain.errors import JobLost, error_body

logger = logging.getLogger(__name__)

MAX_LOSSES = 2
"""Number of processes that may end while they run a job: the job may be the cause, so no third one runs it.
"""


def requeue_jobs(connection: sqlite3.Connection, which: str, value: SqlValue, reason: str) -> None:
    """Queue running jobs again, in their old places; finished images stay finished."""
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
    """Queue jobs whose lease has ended again; fail those that were lost too often.

    In a batch only the images that were being processed are failed, and the others continue.
    """
    connection.execute(
        "UPDATE jobs SET losses = losses + 1 WHERE state = 'running' AND lease_until < ?", (now,)
    )
    _fail_crashing_items(connection, now)
    error = JobLost(
        f"{MAX_LOSSES} processes ended while they ran this job; it is not retried", {"losses": MAX_LOSSES}
    )
    rows = connection.execute(
        "UPDATE jobs SET state = 'failed', message = 'lost', error = ?, claim = NULL, "
        "finished_at = ?, expires_at = ?, revision = revision + 1 "
        f"WHERE state = 'running' AND lease_until < ? AND losses >= {_MAX_JOB_LOSSES} RETURNING job_id",
        (json.dumps(error_body(error)), now, expires_at, now),
    ).fetchall()
    for (job_id,) in rows:
        logger.error("job %s: %s", job_id, error.message)
        end_unfinished_items(connection, job_id, "failed", json.dumps(error_body(error)))
    requeue_jobs(connection, "lease_until < ?", now, "the process that ran it ended")


_MAX_JOB_LOSSES = (
    f"{MAX_LOSSES} * (1 + batch * (SELECT COUNT(*) FROM items WHERE items.job_id = jobs.job_id))"
)
"""Limit of losses of a job; a batch may lose as many processes as its images together."""


def _fail_crashing_items(connection: sqlite3.Connection, now: float) -> None:
    """Count a loss for each image of a batch in process; fail those that were lost too often."""
    at_hand = (
        "SELECT items.job_id, items.position FROM items JOIN jobs USING (job_id) "
        "WHERE jobs.state = 'running' AND lease_until < ? AND batch = 1 AND items.state = 'running'"
    )
    error = JobLost(
        f"{MAX_LOSSES} processes ended while they processed this image; it is not retried",
        {"losses": MAX_LOSSES},
    )
    for job_id, position in connection.execute(at_hand, (now,)).fetchall():
        (losses,) = connection.execute(
            "INSERT INTO item_losses VALUES (?, ?, 1) "
            "ON CONFLICT DO UPDATE SET losses = losses + 1 RETURNING losses",
            (job_id, position),
        ).fetchone()
        if losses >= MAX_LOSSES:
            logger.error("job %s, image %d: %s", job_id, position, error.message)
            connection.execute(
                "UPDATE items SET state = 'failed', answer = ?, bytes = 0 WHERE job_id = ? AND position = ?",
                (json.dumps(error_body(error)), job_id, position),
            )
