"""Ends a running job between two pieces of its work."""

import threading

from domain.jobs import Job
from domain.ports.stores import JobStore


class Interrupted(Exception):
    """The rest of a job is not wanted here: it was cancelled, given to another process, or this one ends."""


class Cancellation:
    """The check of a job's Progress; many threads share it.

    Args:
        store: Says whether the job is still the caller's.
        job: A claimed job.
        stopping: Set when the process ends.
    """

    def __init__(self, store: JobStore, job: Job, stopping: threading.Event) -> None:
        self._store = store
        self._job = job
        self._stopping = stopping

    def check(self) -> None:
        """Return when the work shall go on.

        Raises:
            Interrupted: It shall not.
        """
        if self._stopping.is_set() or not self._store.holds(self._job):
            raise Interrupted
