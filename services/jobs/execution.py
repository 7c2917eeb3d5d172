"""Execute a claimed job image by image, report its progress and stop it between two steps."""

import json
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from domain.errors import ServiceError, StorageUnavailable, error_body
from domain.jobs import FINAL_STATES, Job, JobProgress, JobState
from domain.ports.stores import JobStore
from services.admission import Admission
from services.progress import CancelCheck, Progress

logger = logging.getLogger(__name__)

PublishPartial = Callable[[Callable[[], str]], None]
"""Called with a function that makes a partial answer as JSON, before the complete answer is known."""

ExecuteTask = Callable[[str, str, Progress, PublishPartial], str]
"""Runs a task for a file_id with options as JSON; returns the answer of the endpoint as JSON."""

ItemOutcome = tuple[JobState, str | None]
"""Final state of one image of a job, and its answer or error as JSON."""


class JobInterrupted(Exception):
    """The job must stop here: it was cancelled, claimed by another process, or this process is stopping."""


class JobCancellation:
    """The check of a job's Progress, shared by threads.

    Args:
        store: Knows whether the claim of this process still holds.
        job: A claimed job.
        stopping: Set when the process is stopping.
    """

    def __init__(self, store: JobStore, job: Job, stopping: threading.Event) -> None:
        self._store = store
        self._job = job
        self._stopping = stopping

    def check(self) -> None:
        """Return if the job is to continue.

        Raises:
            JobInterrupted: The job is to stop.
        """
        if self._stopping.is_set() or not self._store.holds(self._job):
            raise JobInterrupted


class ItemProgress:
    """The listener of the Progress of one image, which writes to the job store.

    Args:
        store: The job store.
        job: A claimed job.
        position: Index of the image in the job; the images before it are finished.
        count: Number of images of the job.
    """

    def __init__(self, store: JobStore, job: Job, position: int, count: int) -> None:
        self._store = store
        self._job = job
        self._position = position
        self._count = count

    def step(self, stage: str, done: int, total: int, message: str) -> None:
        """Store a step; a batch counts its images, a single job counts the steps of the stage."""
        if self._job.batch:
            done, total, message = self._position, self._count, f"{self._position}/{self._count}: {message}"
        self._store.step(self._job, JobProgress(stage, done, total, message))

    def publish_partial(self, make: Callable[[], str]) -> None:
        """Store a partial answer; it is dropped if the store has no room for it."""
        with suppress(StorageUnavailable):
            self._store.put_item(self._job, self._position, "running", make())


class JobExecution:
    """Executes jobs of all kinds. It keeps no state of a job and is shared by threads.

    Args:
        store: The job store.
        kinds: The task of each kind of job.
        admission: Limits how many images are processed at once, together with the requests.
    """

    def __init__(self, store: JobStore, kinds: Mapping[str, ExecuteTask], admission: Admission) -> None:
        self._store = store
        self._kinds = kinds
        self._admission = admission

    def run(self, job: Job, check: CancelCheck) -> bool:
        """Execute the unfinished images of a claimed job, or only one of them if other jobs wait.

        Returns:
            True if the job is finished.

        Raises:
            JobInterrupted: `check` raised it; the current image will be repeated.
            ServiceError: The store cannot be used.
        """
        items = self._store.view(job.job_id).items
        outcomes = [(item.state, item.answer) for item in items]
        unfinished = [position for position, item in enumerate(items) if item.state not in FINAL_STATES]
        for position in unfinished:
            outcomes[position] = self._run_item(job, items[position].file_id, position, len(items), check)
            if position != unfinished[-1] and self._store.waiting():
                return False
        self._finish(job, outcomes)
        return True

    def _finish(self, job: Job, outcomes: Sequence[ItemOutcome]) -> None:
        """End the job; a batch succeeds even if images of it failed."""
        if job.batch:
            count, failed = len(outcomes), sum(state == "failed" for state, _ in outcomes)
            step = JobProgress("finished", count, count, f"{count} done, {failed} failed")
            self._store.finish(job, "succeeded", step)
        else:
            ((state, answer),) = outcomes
            step = JobProgress("finished", 1, 1, state)
            self._store.finish(job, state, step, answer if state == "failed" else None)

    def _run_item(self, job: Job, file_id: str, position: int, count: int, check: CancelCheck) -> ItemOutcome:
        """Run the task for one image and store the outcome."""
        listener = ItemProgress(self._store, job, position, count)
        listener.step("waiting", 0, 0, "waiting for its turn")
        with self._admission.turn(check):
            check()
            self._store.put_item(job, position, "running", None)
            outcome = self._attempt(job, lambda: self._execute(job, file_id, listener, check))
        return self._store_outcome(job, position, outcome)

    def _execute(self, job: Job, file_id: str, listener: ItemProgress, check: CancelCheck) -> str:
        progress = Progress(listener.step, check)
        return self._kinds[job.kind](file_id, job.options, progress, listener.publish_partial)

    def _store_outcome(self, job: Job, position: int, outcome: ItemOutcome) -> ItemOutcome:
        """Store the outcome and return it; it becomes a failure if the store has no room for the answer."""
        try:
            self._store.put_item(job, position, *outcome)
        except StorageUnavailable as error:
            outcome = _failure(error)
            self._store.put_item(job, position, *outcome)
        return outcome

    def _attempt(self, job: Job, execute: Callable[[], str]) -> ItemOutcome:
        try:
            return "succeeded", execute()
        except JobInterrupted:
            raise
        except ServiceError as error:
            return _failure(error)
        except Exception as error:
            logger.exception("job %s failed with an unexpected %s", job.job_id, type(error).__name__)
            return _failure(ServiceError(f"unexpected error; see the log under job {job.job_id}"))


def _failure(error: ServiceError) -> ItemOutcome:
    return "failed", json.dumps(error_body(error))
