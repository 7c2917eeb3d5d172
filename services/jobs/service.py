"""What a caller may do with jobs: submit, look, watch, cancel."""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from domain.errors import NotFound
from domain.jobs import Job, JobItem, JobSnapshot, JobSpec
from domain.ports.stores import JobStore
from services.jobs.runner import JobRunner

WATCH_POLL_S = 0.1
"""How often a watched job is looked at; another process may run it."""

KEEPALIVE_S = 5.0
"""After so long without a change a watcher is told so, and can notice that nobody listens to it."""


class JobService:
    """Jobs of all processes of the service.

    Args:
        store: Where they are.
        runner: Runs them in this process.
        keepalive_s: As QUIET_S.
    """

    def __init__(self, store: JobStore, runner: JobRunner, keepalive_s: float = KEEPALIVE_S) -> None:
        self._store = store
        self._runner = runner
        self._keepalive_s = keepalive_s

    def start(self) -> None:
        """Run what waits, here and now; the first submitted job would start that too."""
        self._runner.start()

    def begin_stop(self) -> None:
        """Hand running jobs back and send watchers away, without waiting; a signal may call it."""
        self._runner.stopping.set()

    def stop(self, patience_s: float) -> None:
        """The same, and wait until nothing runs any more, at most `patience_s`."""
        self._runner.stop(patience_s)

    def submit(self, order: JobSpec) -> Job:
        """Put a job in the queue.

        Raises:
            Overloaded: The queue is full.
        """
        job = self._store.add(order)
        self._runner.start()
        self._runner.wake()
        return job

    def view(self, job_id: str) -> JobSnapshot:
        """The job with its photographs; of what those of a batch answered, only the errors.

        Raises:
            NotFound: Never submitted, expired or removed.
        """
        view = self._store.view(job_id, answers=False)
        return view if view.job.batch else self._store.view(job_id, answers=True)

    def items(self, view: JobSnapshot) -> Iterator[JobItem]:
        """The photographs of a batch with their answers, read one by one: all may be many megabytes."""
        for position, item in enumerate(view.items):
            done = item.state == "succeeded"
            yield replace(item, answer=self._store.answer(view.job.job_id, position)) if done else item

    def delete(self, job_id: str) -> JobSnapshot:
        """Cancel the job, or forget it when it is finished; the job as it is then, or was.

        Raises:
            NotFound: Never submitted, expired or removed.
        """
        found = self._store.view(job_id, answers=False)
        if found.job.final:
            self._store.remove(job_id)
            return found
        self._store.cancel(job_id)
        return self._store.view(job_id, answers=False)

    def watch(self, job_id: str, revision: int) -> Iterator[JobSnapshot | None]:
        """The job after every change since `revision`, to its end; None when there was none for a while.

        Stops early when the process does, or when the job is removed.
        """
        changed_at, pause_s = time.monotonic(), 0.0
        with suppress(NotFound):
            while not self._runner.stopping.wait(pause_s):
                pause_s = WATCH_POLL_S
                job = self._store.get(job_id)
                if job.revision > revision:
                    view = self.view(job_id)
                    revision, changed_at = view.job.revision, time.monotonic()
                    yield view
                    if view.job.final:
                        return
                elif time.monotonic() - changed_at >= self._keepalive_s:
                    changed_at = time.monotonic()
                    yield None
