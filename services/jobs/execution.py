"""Ends a running job between two pieces of its work."""

import json
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from domain.errors import ServiceError, StorageUnavailable
from domain.jobs import FINAL_STATES, Job, JobProgress, JobState
from domain.ports.stores import JobStore
from services.admission import Admission
from services.progress import CancelCheck, Progress


class JobInterrupted(Exception):
    """The rest of a job is not wanted here: it was cancelled, given to another process, or this one ends."""


class JobCancellation:
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
            raise JobInterrupted


class ItemProgress:
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
        self._store.step(self._job, JobProgress(stage, done, total, message))

    def publish_partial(self, make: Callable[[], str]) -> None:
        """Keep what is known before the work is done; where there is no room for it, do without."""
        with suppress(StorageUnavailable):
            self._store.put_item(self._job, self._position, "running", make())


logger = logging.getLogger(__name__)

PublishPartial = Callable[[Callable[[], str]], None]
"""Called with what makes a first answer, as JSON, before the whole one is there."""

ExecuteTask = Callable[[str, str, Progress, PublishPartial], str]
"""Does work for a file_id with options (JSON); gives the answer that a request would get, as JSON."""

ItemOutcome = tuple[JobState, str | None]


class JobExecution:
    """Runs jobs of all kinds. Holds no job's state: many threads share it.

    Args:
        store: Where the jobs are.
        kinds: What to do, by kind.
        admission: Whose slots jobs share with requests: each photograph waits for its turn.
    """

    def __init__(self, store: JobStore, kinds: Mapping[str, ExecuteTask], admission: Admission) -> None:
        self._store = store
        self._kinds = kinds
        self._admission = admission

    def run(self, job: Job, check: CancelCheck) -> bool:
        """Do what is left of a claimed job, or of a batch one photograph where other jobs wait.

        Returns:
            Whether the job is finished.

        Raises:
            Interrupted: `check` said so; the job is as it was between two photographs.
            ServiceError: The store cannot be used.
        """
        items = self._store.view(job.job_id, answers=not job.batch).items
        outcomes = [(item.state, item.answer) for item in items]
        left = [position for position, item in enumerate(items) if item.state not in FINAL_STATES]
        for position in left:
            outcomes[position] = self._item(job, items[position].file_id, position, len(items), check)
            if position != left[-1] and self._store.waiting():
                return False
        self._finish(job, outcomes)
        return True

    def _finish(self, job: Job, outcomes: Sequence[ItemOutcome]) -> None:
        """A batch succeeds when every photograph was tried."""
        if job.batch:
            count, failed = len(outcomes), sum(state == "failed" for state, _ in outcomes)
            step = JobProgress("finished", count, count, f"{count} done, {failed} failed")
            self._store.finish(job, "succeeded", step)
        else:
            ((state, answer),) = outcomes
            step = JobProgress("finished", 1, 1, state)
            self._store.finish(job, state, step, answer if state == "failed" else None)

    def _item(self, job: Job, file_id: str, position: int, count: int, check: CancelCheck) -> ItemOutcome:
        """What became of one photograph; kept before the next begins."""
        listener = ItemProgress(self._store, job, position, count)
        listener.step("waiting", 0, 0, "waiting for its turn")
        with self._admission.turn(check):
            check()
            self._store.put_item(job, position, "running", None)
            outcome = self._attempt(job, lambda: self._work(job, file_id, listener, check))
        return self._store_outcome(job, position, outcome)

    def _work(self, job: Job, file_id: str, listener: ItemProgress, check: CancelCheck) -> str:
        progress = Progress(listener.step, check)
        return self._kinds[job.kind](file_id, job.options, progress, listener.publish_partial)

    def _store_outcome(self, job: Job, position: int, outcome: ItemOutcome) -> ItemOutcome:
        """The outcome, which is written down; a failure where there is no room for the answer."""
        try:
            self._store.put_item(job, position, *outcome)
        except StorageUnavailable as error:
            outcome = "failed", _error_json(error.code, error.message, error.details)
            self._store.put_item(job, position, *outcome)
        return outcome

    def _attempt(self, job: Job, work: Callable[[], str]) -> ItemOutcome:
        try:
            return "succeeded", work()
        except JobInterrupted:
            raise
        except ServiceError as error:
            return "failed", _error_json(error.code, error.message, error.details)
        except Exception as error:
            logger.exception("job %s: unexpected %s", job.job_id, type(error).__name__)
            message = f"unexpected error; the log has it under job {job.job_id}"
            return "failed", _error_json(ServiceError.code, message, {})


def _error_json(code: str, message: str, details: Mapping[str, object]) -> str:
    return json.dumps({"code": code, "message": message, "details": details})
