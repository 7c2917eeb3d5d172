"""Submit, view, watch and cancel jobs."""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from domain.errors import NotFound
from domain.jobs import Job, JobItem, JobSnapshot, JobSpec
from domain.ports.stores import JobStore
from services.jobs.runner import JobRunner

WATCH_POLL_S = 0.1
"""Interval at which a watched job is read from the store, since another process may run it."""

KEEPALIVE_S = 5.0
"""After this time without a change a watcher receives None, so that it notices a closed connection."""


class JobService:
    """Jobs of all processes of the service.

    Args:
        store: The job store that the processes share.
        runner: Runs jobs in this process.
        keepalive_s: Seconds without a change after which a watcher receives None.
    """

    def __init__(self, store: JobStore, runner: JobRunner, keepalive_s: float = KEEPALIVE_S) -> None:
        self._store = store
        self._runner = runner
        self._keepalive_s = keepalive_s

    def start(self) -> None:
        """Start running queued jobs in this process; `submit` starts it as well."""
        self._runner.start()

    def begin_stop(self) -> None:
        """Signal jobs and watchers to stop, without waiting; a signal handler may call it."""
        self._runner.stopping.set()

    def stop(self, patience_s: float) -> None:
        """Stop jobs and watchers and wait until no job runs, for at most `patience_s` seconds."""
        self._runner.stop(patience_s)

    def submit(self, order: JobSpec) -> Job:
        """Put a job into the queue.

        Raises:
            Overloaded: The queue is full.
        """
        job = self._store.add(order)
        self._runner.start()
        self._runner.wake()
        return job

    def view(self, job_id: str) -> JobSnapshot:
        """Return the job with its images and, unless it is a batch, with its answer.

        Raises:
            NotFound: The job was never submitted, has expired or was removed.
        """
        return self._store.view(job_id)

    def items(self, snapshot: JobSnapshot) -> Iterator[JobItem]:
        """Yield the images of a batch with their answers, read one at a time to bound memory."""
        for position, item in enumerate(snapshot.items):
            done = item.state == "succeeded"
            yield replace(item, answer=self._store.answer(snapshot.job.job_id, position)) if done else item

    def delete(self, job_id: str) -> JobSnapshot:
        """Cancel an unfinished job and return it, or remove a finished job and return what it was.

        Raises:
            NotFound: The job was never submitted, has expired or was removed.
        """
        snapshot = self._store.view(job_id, answers=False)
        if snapshot.job.final:
            self._store.remove(job_id)
            return snapshot
        self._store.cancel(job_id)
        return self._store.view(job_id, answers=False)

    def forget_image(self, file_id: str) -> None:
        """Delete the jobs about one image, and its answers in batches, whose entry for it fails."""
        self._store.forget_image(file_id)

    def watch(self, job_id: str, revision: int) -> Iterator[JobSnapshot | None]:
        """Yield the job after every change since `revision` until it is finished.

        None is yielded after `keepalive_s` without a change. The iteration ends early when the process stops
        or the job is removed.
        """
        changed_at, pause_s = time.monotonic(), 0.0
        with suppress(NotFound):
            while not self._runner.stopping.wait(pause_s):
                pause_s = WATCH_POLL_S
                if self._store.get(job_id).revision > revision:
                    snapshot = self.view(job_id)
                    revision, changed_at = snapshot.job.revision, time.monotonic()
                    yield snapshot
                    if snapshot.job.final:
                        return
                elif time.monotonic() - changed_at >= self._keepalive_s:
                    changed_at = time.monotonic()
                    yield None
