"""Writes down how far one photograph of a job is."""

from collections.abc import Callable
from contextlib import suppress

from domain.errors import StorageUnavailable
from domain.jobs import Job, JobStep
from domain.ports.stores import JobStore


class ItemListener:
    """The listener of one photograph's Progress.

    Args:
        store: Where it is written.
        job: A claimed job.
        position: Which photograph; those before it are done.
        count: How many photographs.
    """

    def __init__(self, store: JobStore, job: Job, position: int, count: int) -> None:
        self._store = store
        self._job = job
        self._position = position
        self._count = count

    def step(self, stage: str, done: int, total: int, message: str) -> None:
        """A batch counts photographs, anything else the steps of its stage."""
        if self._job.batch:
            done, total, message = self._position, self._count, f"{self._position}/{self._count}: {message}"
        self._store.step(self._job, JobStep(stage, done, total, message))

    def share(self, make: Callable[[], str]) -> None:
        """Keep what is known before the work is done; where there is no room for it, do without."""
        with suppress(StorageUnavailable):
            self._store.put_item(self._job, self._position, "running", make())
