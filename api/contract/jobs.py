"""GET and DELETE /jobs/{job_id}: path, query and answer; the JSON is written piece by piece."""

import json
from collections.abc import Iterable, Iterator

from pydantic import BaseModel, ConfigDict, Field

from api.contract.analyze import AnalyzeAnswer
from api.contract.caption import CaptionAnswer
from api.contract.common import Answer, ErrorBody, answer_config, answer_json, iso_utc
from api.contract.images import ImageAnswer
from api.contract.index import IndexAnswer
from api.contract.moderate import ModerateAnswer
from api.contract.segment import SegmentAnswer
from domain.jobs import Job, JobItem, JobSnapshot, JobState


class JobPath(BaseModel):
    """The job that the path names."""

    job_id: str = Field(description="Id of the job, from an answer 202.")


class JobQuery(BaseModel):
    """The options, as query parameters."""

    model_config = ConfigDict(extra="forbid")

    results: bool = Field(True, description="Include the results of the images of a batch.")


JobResultAnswer = AnalyzeAnswer | SegmentAnswer | ModerateAnswer | IndexAnswer | CaptionAnswer
"""The answers that jobs can have."""


class JobAcceptedAnswer(ImageAnswer):
    """A job that was submitted."""

    model_config = answer_config({"job_id": "5f0c1e", "status_url": "/jobs/5f0c1e"})

    job_id: str = Field(description="Id of the job.")
    status_url: str = Field(description="Path of GET /jobs/{job_id}.")


class JobItemEntry(BaseModel):
    """One image of a batch."""

    model_config = ConfigDict(extra="forbid")

    file_id: str = Field(description="Id as it was sent.")
    state: JobState = Field(description="State of the image.")
    result: JobResultAnswer | None = Field(
        None,
        description="Answer that a request for this image alone would get; absent until it has succeeded.",
    )
    error: ErrorBody | None = Field(None, description="Reason why the image failed.")


class JobAnswer(Answer):
    """The state of a job. The models and timings are in its results."""

    model_config = answer_config(
        {
            "job_id": "5f0c1e",
            "kind": "segment",
            "state": "running",
            "stage": "classify",
            "done": 10,
            "total": 26,
            "message": "classified 10/26",
            "losses": 0,
            "created_at": "2026-01-31T12:00:00+00:00",
            "started_at": "2026-01-31T12:00:00+00:00",
            "finished_at": None,
            "expires_at": None,
        }
    )

    job_id: str = Field(description="Id of the job.")
    kind: str = Field(description="Task of the job.", json_schema_extra={"example": "segment"})
    state: JobState = Field(description="State of the job; a batch succeeds even if some images failed.")
    stage: str = Field(
        description="Current stage of the work; empty before the work starts.",
        json_schema_extra={"example": "classify"},
    )
    done: int = Field(description="Number of finished images of a batch, or of finished steps of the stage.")
    total: int = Field(description="Number of images or steps; 0 where a stage has no steps.")
    message: str = Field(description="Progress in words.", json_schema_extra={"example": "classified 10/26"})
    losses: int = Field(
        description="Number of processes that died while they ran the job. After the second one the job "
        "fails; in a batch, only the image that was being processed fails."
    )
    created_at: str = Field(description="Time of the submission in ISO 8601, UTC.")
    started_at: str | None = Field(description="Time of the first start; null before the job runs.")
    finished_at: str | None = Field(description="Time of the end; null before the job ends.")
    expires_at: str | None = Field(description="Time when the job is deleted; null before the job ends.")
    result: JobResultAnswer | None = Field(
        None,
        description="Answer that the request would get without `async`; absent in a batch, and until the "
        "job has succeeded.",
    )
    partial: JobResultAnswer | None = Field(
        None,
        description="Partial answer while the job runs, as from /segment; at first it has no labels.",
    )
    error: ErrorBody | None = Field(None, description="Reason why the job failed.")
    items: list[JobItemEntry] | None = Field(
        None, description="Images of a batch, in the order of the request."
    )


ANSWER_MEMBERS = {"running": "partial", "succeeded": "result", "failed": "error"}
"""Member that holds the answer of a job or an item, by its state."""


def job_json(view: JobSnapshot, items: Iterable[JobItem]) -> Iterator[str]:
    """Yield the JSON text of GET /jobs/{job_id} in pieces, since results of a batch may be many megabytes.

    Args:
        view: The job and its items.
        items: Items of a batch; their stored answers are copied as they are.
    """
    yield answer_json(_job_answer(view.job))[:-1]
    if view.job.batch:
        yield ',"items":['
        for position, item in enumerate(items):
            yield f"{',' if position else ''}{_item_json(item)}"
        yield "]"
    else:
        yield _single_answer_json(view.job, view.items[0])
    yield "}"


def _job_answer(job: Job) -> JobAnswer:
    """Return the state without answers."""
    failed = {} if job.error is None else {"error": ErrorBody.model_validate_json(job.error)}
    return JobAnswer(
        job_id=job.job_id,
        kind=job.kind,
        state=job.state,
        stage=job.stage,
        done=job.done,
        total=job.total,
        message=job.message,
        losses=job.losses,
        created_at=iso_utc(job.created_at) or "",
        started_at=iso_utc(job.started_at),
        finished_at=iso_utc(job.finished_at),
        expires_at=iso_utc(job.expires_at),
        **failed,
    )


def _single_answer_json(job: Job, item: JobItem) -> str:
    """Return the member with the answer; there is none between the end of the item and that of the job."""
    return _answer_member_json(item) if job.state == item.state and job.error is None else ""


def _item_json(item: JobItem) -> str:
    head = json.dumps({"file_id": item.file_id, "state": item.state})
    return head[:-1] + ("" if item.state == "running" else _answer_member_json(item)) + "}"


def _answer_member_json(item: JobItem) -> str:
    return "" if item.answer is None else f',"{ANSWER_MEMBERS[item.state]}":{item.answer}'
