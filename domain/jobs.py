"""Work that is done in the background, and how far it is."""

from dataclasses import dataclass
from typing import Literal

JobState = Literal["queued", "running", "succeeded", "failed", "cancelled"]
"""Of a job, and of each photograph in it."""

FINAL_STATES: frozenset[JobState] = frozenset(("succeeded", "failed", "cancelled"))


@dataclass(frozen=True)
class JobSpec:
    """What is to be done.

    Attributes:
        kind: Which work, a name that every process of the service knows.
        file_ids: The photographs, at least one.
        options: JSON object with what else the work was asked for.
        batch: Whether it was ordered for many photographs, so that one that fails is no failure of the job.
    """

    kind: str
    file_ids: tuple[str, ...]
    options: str
    batch: bool

    def __post_init__(self) -> None:
        if not self.file_ids or (len(self.file_ids) > 1 and not self.batch):
            raise ValueError(f"expected one file_id, or several in a batch, got {len(self.file_ids)}")


@dataclass(frozen=True)
class Job:
    """A job as it is now. Times are Unix seconds.

    Attributes:
        job_id: Random, not guessable.
        kind: As ordered.
        batch: As ordered.
        options: As ordered.
        state: Where it is.
        stage: What is being done; empty before it starts.
        done: Of `total`; photographs in a batch, steps of the stage otherwise.
        total: 0 where a stage has no steps.
        message: The same for people, e.g. "classified 10/26".
        error: JSON object with code, message and details; None unless it failed.
        claim: Names the turn of the process that runs it; None while nobody does.
        losses: How many processes ended while they ran it.
        revision: Grows with every change.
        created_at: When it was submitted.
        started_at: When it first ran; None before.
        finished_at: When it reached its final state; None before.
        expires_at: When it will be forgotten; None before it is finished.
    """

    job_id: str
    kind: str
    batch: bool
    options: str
    state: JobState
    stage: str
    done: int
    total: int
    message: str
    error: str | None
    claim: str | None
    losses: int
    revision: int
    created_at: float
    started_at: float | None
    finished_at: float | None
    expires_at: float | None

    @property
    def final(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in FINAL_STATES


@dataclass(frozen=True)
class JobItem:
    """One photograph of a job.

    Attributes:
        file_id: Which.
        state: Where it is.
        answer: JSON object: the result when it succeeded, the error when it failed, what is known so far
            while it runs; None where there is nothing, or where it was not asked for.
    """

    file_id: str
    state: JobState
    answer: str | None


@dataclass(frozen=True)
class JobSnapshot:
    """A job with its photographs, all as they were at one moment.

    Attributes:
        job: The job.
        items: Its photographs, in order.
    """

    job: Job
    items: tuple[JobItem, ...]


@dataclass(frozen=True)
class JobProgress:
    """How far a running job is.

    Attributes:
        stage: What is being done.
        done: Of `total`.
        total: 0 where the stage has no steps.
        message: The same for people.
    """

    stage: str
    done: int
    total: int
    message: str


@dataclass(frozen=True)
class JobLimits:
    """What is kept of jobs, and for how long.

    Attributes:
        queued: How many jobs may wait; one more is refused.
        ttl_s: Seconds a finished job is kept.
        max_bytes: Of all answers together; the oldest finished jobs go first.
        lease_s: A process that has not been heard of for so long has lost its jobs.
    """

    queued: int
    ttl_s: float
    max_bytes: int
    lease_s: float
