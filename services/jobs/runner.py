"""Run jobs in this process: worker threads claim and execute them, one thread renews their leases."""

import logging
import threading
import time
from collections.abc import Callable

from domain.errors import ServiceError
from domain.jobs import Job
from domain.ports.stores import JobStore
from services.jobs.execution import JobCancellation, JobExecution, JobInterrupted

logger = logging.getLogger(__name__)

QUEUE_POLL_S = 0.5
"""Interval at which an idle worker checks for jobs that other processes queued."""

STORE_RETRY_S = 5.0
"""Pause after the job store could not be used."""

RENEWALS_PER_LEASE = 5


class JobRunner:
    """Runs jobs in daemon threads of this process.

    The threads are started by `start`, which must be called after the last fork.

    Args:
        store: The job store.
        execution: Executes a claimed job.
        workers: Number of jobs that run at once.
        lease_s: A process that renews no lease for this many seconds loses its jobs.
        begin: Called with the job_id in the thread of a job before the job runs.
    """

    def __init__(
        self,
        *,
        store: JobStore,
        execution: JobExecution,
        workers: int,
        lease_s: float,
        begin: Callable[[str], object],
    ) -> None:
        self._store = store
        self._execution = execution
        self._workers = workers
        self._lease_s = lease_s
        self._begin = begin
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._running: dict[str, Job] = {}
        self._wake = threading.Event()
        self.stopping = threading.Event()

    def start(self) -> None:
        """Start the threads unless they are running."""
        with self._lock:
            if self._threads or self.stopping.is_set():
                return
            loops = [self._renew_leases, *[self._run_jobs] * self._workers]
            self._threads = [threading.Thread(target=loop, name="jobs", daemon=True) for loop in loops]
            for thread in self._threads:
                thread.start()

    def wake(self) -> None:
        """Make an idle worker check for a job now."""
        self._wake.set()

    def stop(self, patience_s: float) -> None:
        """Interrupt running jobs, wait at most `patience_s` seconds and queue the rest again."""
        self.stopping.set()
        self._wake.set()
        deadline = time.monotonic() + patience_s
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        for job in [*self._running.values()]:
            self._store.release(job)

    def _run_jobs(self) -> None:
        while not self.stopping.is_set():
            try:
                job = self._store.claim() if self._store.waiting() else None
            except ServiceError as error:
                logger.warning("the job store cannot be used: %s", error.message)
                self.stopping.wait(STORE_RETRY_S)
                continue
            if job is None:
                self._wake.wait(QUEUE_POLL_S)
                self._wake.clear()
            else:
                self._run(job)

    def _run(self, job: Job) -> None:
        """Run a claimed job; if its end cannot be stored, its lease runs out and it is tried again."""
        self._begin(job.job_id)
        self._running[job.job_id] = job
        try:
            self._execute(job)
        except Exception:
            logger.exception("job %s could not be completed", job.job_id)
        finally:
            del self._running[job.job_id]

    def _execute(self, job: Job) -> None:
        try:
            check = JobCancellation(self._store, job, self.stopping).check
            if not self._execution.run(job, check):
                self._store.release(job, last=True)
        except JobInterrupted:
            logger.info("job %s was interrupted", job.job_id)
            if self.stopping.is_set():
                self._store.release(job)

    def _renew_leases(self) -> None:
        while not self.stopping.is_set():
            try:
                self._store.renew([*self._running.values()])
            except ServiceError as error:
                logger.warning("the leases of jobs could not be renewed: %s", error.message)
            self.stopping.wait(self._lease_s / RENEWALS_PER_LEASE)
