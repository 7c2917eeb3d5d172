"""Jobs: tasks that run in the background, and their state."""

from dataclasses import dataclass
from typing import Literal

JobState = Literal["queued", "running", "succeeded", "failed", "cancelled"]
"""State of a job, and of each image in it."""

FINAL_STATES: frozenset[JobState] = frozenset(("succeeded", "failed", "cancelled"))


@dataclass(frozen=True)
class JobSpec:
    """Order for a job.

    Attributes:
        kind: Name of the task, known to every process of the service.
        file_ids: Ids of the images, at least one.
        options: JSON object with the options of the task.
        batch: Whether the job was submitted for many images, so that a failed image does not fail the job.
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
    """State of a job at one moment. Times are in Unix seconds.

    Attributes:
        job_id: Random id that cannot be guessed.
        kind: Name of the task.
        batch: Whether the job was submitted for many images.
        options: JSON object with the options of the task.
        state: Current state.
        stage: Current stage of the work; empty before the work starts.
        done: Number of finished images of a batch, else of finished steps of the stage.
        total: Number of images or steps; 0 where a stage has no steps.
        message: Progress in words, e.g. "classified 10/26".
        error: JSON object with code, message and details; None unless the job failed.
        claim: Random name of the claim of the process that runs the job; None while no process does.
        losses: Number of processes that ended while they ran the job.
        revision: Number that grows with every change.
        created_at: Time of the submission.
        started_at: Time of the first start; None before.
        finished_at: Time at which the final state was reached; None before.
        expires_at: Time at which the job is deleted; None before it is finished.
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
        """True if the state is final."""
        return self.state in FINAL_STATES


@dataclass(frozen=True)
class JobItem:
    """Image of a job.

    Attributes:
        file_id: Id of the image.
        state: Current state.
        answer: JSON object: the result when the task succeeded, the error when it failed, the partial result
            while it runs; None where there is none, or where it was not requested.
    """

    file_id: str
    state: JobState
    answer: str | None


@dataclass(frozen=True)
class JobSnapshot:
    """Job with its images, all at the same moment.

    Attributes:
        job: The job.
        items: The images, in order.
    """

    job: Job
    items: tuple[JobItem, ...]


@dataclass(frozen=True)
class JobProgress:
    """Progress of a running job.

    Attributes:
        stage: Name of the stage.
        done: Number of finished steps.
        total: Number of steps; 0 where the stage has none.
        message: Progress in words.
    """

    stage: str
    done: int
    total: int
    message: str


@dataclass(frozen=True)
class JobLimits:
    """Limits of the job store.

    Attributes:
        queued: Number of jobs that may wait; further ones are refused.
        ttl_s: Seconds for which a finished job is kept.
        max_bytes: Bytes of all answers together; the jobs that finished first are deleted beyond it.
        lease_s: Seconds without a heartbeat after which a process has lost its jobs.
    """

    queued: int
    ttl_s: float
    max_bytes: int
    lease_s: float
