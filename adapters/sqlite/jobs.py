"""Job store in an SQLite file that all processes of the service share."""

import secrets
import sqlite3
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from adapters.sqlite.job_leases import requeue_expired_leases, requeue_jobs
from adapters.sqlite.job_tables import (
    JOB_COLUMNS,
    SCHEMA,
    SqlValue,
    delete_expired_jobs,
    delete_image_rows,
    delete_job_rows,
    end_unfinished_items,
    evict_finished_jobs,
    job_from_row,
    select_items,
    select_job,
)
from adapters.sqlite.session import SqliteSession
from domain.errors import Overloaded
from domain.jobs import FINAL_STATES, Job, JobLimits, JobProgress, JobSnapshot, JobSpec, JobState

QUEUE_FULL_RETRY_AFTER_S = 10


class SqliteJobStore:
    """The port `JobStore` over one file.

    A claim is a random name that one UPDATE writes into one queued row; every later change by the claimant is
    an UPDATE on the condition that the name is still there.

    Args:
        path: The file; its directory is created on first use.
        limits: Limits of the store.
        clock: Returns the time in Unix seconds, the same for all processes.
    """

    def __init__(self, path: Path, limits: JobLimits, clock: Callable[[], float] = time.time) -> None:
        self._file = SqliteSession(path, SCHEMA, "the job store")
        self._limits = limits
        self._clock = clock

    def add(self, order: JobSpec) -> Job:
        """Add a job at the end of the queue.

        Raises:
            Overloaded: The queue is full.
            StorageUnavailable: The file cannot be used now; every method may raise it.
        """

        def insert(connection: sqlite3.Connection) -> Job:
            _check_queue_limit(connection, self._limits.queued)
            job_id, now, total = secrets.token_hex(16), self._clock(), len(order.file_ids)
            connection.execute(
                "INSERT INTO jobs (job_id, kind, batch, options, state, total, message, created_at) "
                "VALUES (?, ?, ?, ?, 'queued', ?, 'queued', ?)",
                (job_id, order.kind, order.batch, order.options, total if order.batch else 0, now),
            )
            rows = [(job_id, position, file_id) for position, file_id in enumerate(order.file_ids)]
            connection.executemany("INSERT INTO items (job_id, position, file_id) VALUES (?, ?, ?)", rows)
            return select_job(connection, job_id, now)

        return self._file.write(insert)

    def get(self, job_id: str) -> Job:
        """Return the job.

        Raises:
            NotFound: The job was never submitted, has expired or was removed.
        """
        return self._file.read(lambda connection: select_job(connection, job_id, self._clock()))

    def view(self, job_id: str, answers: bool = True) -> JobSnapshot:
        """Return the job with its images, their errors and, where `answers` is true, a single job's answer.

        The answers of a batch may be many megabytes: `answer` reads them one at a time.

        Raises:
            NotFound: The job was never submitted, has expired or was removed.
        """

        def select(connection: sqlite3.Connection) -> JobSnapshot:
            job = select_job(connection, job_id, self._clock())
            return JobSnapshot(job, tuple(select_items(connection, job_id, answers and not job.batch)))

        return self._file.read(select)

    def answer(self, job_id: str, position: int) -> str | None:
        """Return the answer for one image of a job; None if there is none, or no such job."""

        def select(connection: sqlite3.Connection) -> tuple[str | None]:
            where = "WHERE job_id = ? AND position = ?"
            found = connection.execute(f"SELECT answer FROM items {where}", (job_id, position)).fetchone()
            return found or (None,)

        return self._file.read(select)[0]

    def waiting(self) -> bool:
        """Return whether a job is queued."""
        if not self._file.exists:
            return False
        return self._file.read(lambda connection: _count_queued(connection, 1) > 0)

    def claim(self) -> Job | None:
        """Return the job that has waited longest, now claimed by the caller, or None."""
        now = self._clock()

        def update(connection: sqlite3.Connection) -> Job | None:
            row = connection.execute(
                "UPDATE jobs SET state = 'running', claim = ?, lease_until = ?, "
                "started_at = COALESCE(started_at, ?), message = 'started', revision = revision + 1 "
                "WHERE position = (SELECT MIN(position) FROM jobs WHERE state = 'queued') "
                f"RETURNING {JOB_COLUMNS}",
                (secrets.token_hex(16), now + self._limits.lease_s, now),
            ).fetchone()
            return None if row is None else job_from_row(row)

        return self._file.write(update)

    def holds(self, job: Job) -> bool:
        """Return whether the claim of `job` is still valid."""
        return self._file.read(lambda connection: _holds_claim(connection, job))

    def step(self, job: Job, step: JobProgress) -> None:
        """Store the progress of a claimed job."""
        self._file.write(
            lambda connection: _update_claimed(
                connection,
                job,
                "stage = ?, done = ?, total = ?, message = ?",
                (step.stage, step.done, step.total, step.message),
            )
        )

    def put_item(self, job: Job, position: int, state: JobState, answer: str | None) -> None:
        """Store the state and answer of one image of a claimed job; errors count no bytes.

        Raises:
            StorageUnavailable: The answers of unfinished jobs alone exceed the limit.
        """
        size = 0 if answer is None or state == "failed" else len(answer.encode())

        def update(connection: sqlite3.Connection) -> None:
            if _update_claimed(connection, job, "claim = claim", ()):
                evict_finished_jobs(connection, size, self._limits.max_bytes)
                connection.execute(
                    "UPDATE items SET state = ?, bytes = ?, answer = ? WHERE job_id = ? AND position = ? "
                    "AND state IN ('queued', 'running')",  # The image may have been deleted meanwhile.
                    (state, size, answer, job.job_id, position),
                )

        self._file.write(update)

    def finish(self, job: Job, state: JobState, step: JobProgress, error: str | None = None) -> None:
        """Store the final state of a claimed job."""
        now = self._clock()
        self._file.write(
            lambda connection: _update_claimed(
                connection,
                job,
                "state = ?, stage = ?, done = ?, total = ?, message = ?, error = ?, claim = NULL, "
                "finished_at = ?, expires_at = ?",
                (
                    state,
                    step.stage,
                    step.done,
                    step.total,
                    step.message,
                    error,
                    now,
                    now + self._limits.ttl_s,
                ),
            )
        )

    def release(self, job: Job, last: bool = False) -> None:
        """Queue a claimed job again, in its old place or behind all others; this does not count as a loss."""

        def update(connection: sqlite3.Connection) -> None:
            if last:
                behind = "position = (SELECT MAX(position) + 1 FROM jobs)"
                connection.execute(f"UPDATE jobs SET {behind} WHERE claim = ?", (job.claim,))
            reason = "other jobs run first" if last else "its process is stopping"
            requeue_jobs(connection, "claim = ?", job.claim, reason)

        self._file.write(update)

    def cancel(self, job_id: str) -> Job:
        """Cancel a job unless it is finished, and return it.

        Raises:
            NotFound: The job was never submitted, has expired or was removed.
        """

        def update(connection: sqlite3.Connection) -> Job:
            now = self._clock()
            if not select_job(connection, job_id, now).final:
                connection.execute(
                    "UPDATE jobs SET state = 'cancelled', message = 'cancelled', claim = NULL, "
                    "finished_at = ?, expires_at = ?, revision = revision + 1 WHERE job_id = ?",
                    (now, now + self._limits.ttl_s, job_id),
                )
                end_unfinished_items(connection, job_id, "cancelled", None)
            return select_job(connection, job_id, now)

        return self._file.write(update)

    def remove(self, job_id: str) -> None:
        """Delete a finished job."""

        def delete(connection: sqlite3.Connection) -> None:
            if select_job(connection, job_id, self._clock()).state in FINAL_STATES:
                delete_job_rows(connection, job_id)

        self._file.write(delete)

    def forget_image(self, file_id: str) -> None:
        """Delete the jobs about one image, and its answers in batches, whose entry for it fails."""
        if self._file.exists:
            self._file.write(lambda connection: delete_image_rows(connection, file_id))

    def renew(self, jobs: Iterable[Job]) -> None:
        """Renew the leases of `jobs`; queue jobs whose lease has ended again, and delete expired jobs."""

        def update(connection: sqlite3.Connection) -> None:
            now = self._clock()
            rows = [(now + self._limits.lease_s, job.claim) for job in jobs]
            connection.executemany("UPDATE jobs SET lease_until = ? WHERE claim = ?", rows)
            requeue_expired_leases(connection, now, now + self._limits.ttl_s)
            delete_expired_jobs(connection, now)

        if self._file.exists:
            self._file.write(update)


def _count_queued(connection: sqlite3.Connection, limit: int) -> int:
    """Return the number of queued jobs, counted up to `limit`."""
    rows = connection.execute("SELECT 1 FROM jobs WHERE state = 'queued' LIMIT ?", (limit,))
    return len(rows.fetchall())


def _check_queue_limit(connection: sqlite3.Connection, limit: int) -> None:
    if _count_queued(connection, limit) >= limit:
        raise Overloaded(
            f"{limit} jobs are queued, which is the limit; try again later", QUEUE_FULL_RETRY_AFTER_S
        )


def _holds_claim(connection: sqlite3.Connection, job: Job) -> bool:
    row = connection.execute("SELECT claim FROM jobs WHERE job_id = ?", (job.job_id,)).fetchone()
    return row is not None and row[0] == job.claim


def _update_claimed(
    connection: sqlite3.Connection, job: Job, changes: str, values: tuple[SqlValue, ...]
) -> bool:
    """Change a claimed job; return False if the claim is no longer valid."""
    changed = connection.execute(
        f"UPDATE jobs SET {changes}, revision = revision + 1 WHERE job_id = ? AND claim = ?",
        (*values, job.job_id, job.claim),
    )
    return changed.rowcount == 1
