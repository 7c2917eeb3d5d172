"""What the routes about jobs take."""

import json
from collections.abc import Iterable, Iterator

from pydantic import BaseModel, ConfigDict, Field

from api.contract.analyze import AnalyzeAnswer
from api.contract.caption import CaptionAnswer
from api.contract.common import Answer, ErrorBody, answer_json, iso_utc
from api.contract.index import IndexAnswer
from api.contract.moderate import ModerateAnswer
from api.contract.segment import SegmentAnswer
from domain.jobs import Job, JobItem, JobSnapshot, JobState


class JobPath(BaseModel):
    """Which job."""

    job_id: str = Field(description="From an answer 202.")


class JobQuery(BaseModel):
    """How much of it."""

    model_config = ConfigDict(extra="forbid")

    results: bool = Field(True, description="false leaves out the results of a batch's photographs.")


JobResultAnswer = AnalyzeAnswer | SegmentAnswer | ModerateAnswer | IndexAnswer | CaptionAnswer
"""What jobs of any kind can give."""


class JobAcceptedAnswer(Answer):
    """A job was submitted."""

    job_id: str = Field(description="Names the job.")
    status_url: str = Field(description="Path of GET /jobs/{job_id}.")


class JobItemEntry(BaseModel):
    """One photograph of a batch."""

    model_config = ConfigDict(extra="forbid")

    file_id: str = Field(description="As sent.")
    state: JobState
    result: JobResultAnswer | None = Field(
        None, description="What the request for it alone would get; once it succeeded."
    )
    error: ErrorBody | None = Field(None, description="Why it failed.")


class JobAnswer(Answer):
    """A job as it is now. Its models and timings are those in its results."""

    job_id: str
    kind: str = Field(description="Which work it does.", examples=["segment"])
    state: JobState
    stage: str = Field(description="What is being done; empty before it starts.", examples=["classify"])
    done: int = Field(description="Of `total`: photographs in a batch, steps of the stage otherwise.")
    total: int = Field(description="0 where a stage has no steps.")
    message: str = Field(description="The same for people.", examples=["classified 10/26"])
    losses: int = Field(
        description="How many processes ended while they ran it. The second is its end; in a batch, that of "
        "the photograph at hand."
    )
    created_at: str = Field(description="ISO 8601, UTC.")
    started_at: str | None = Field(description="null before it runs.")
    finished_at: str | None = Field(description="null before it ends.")
    expires_at: str | None = Field(description="When it will be forgotten; null before it ends.")
    result: JobResultAnswer | None = Field(
        None, description="What the request would get without `async`; once it succeeded. Not in a batch."
    )
    partial: JobResultAnswer | None = Field(
        None,
        description="While it runs: what is known already, as of /segment; first without names.",
    )
    error: ErrorBody | None = Field(None, description="Why it failed.")
    items: list[JobItemEntry] | None = Field(None, description="The photographs of a batch, in order.")


ANSWER_MEMBERS = {"running": "partial", "succeeded": "result", "failed": "error"}
"""Where an answer stands that was given in a state."""


def job_json(view: JobSnapshot, items: Iterable[JobItem]) -> Iterator[str]:
    """The JSON text of GET /jobs/{job_id} with these photographs of a batch; answers stand in it as kept."""
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
    """What does not depend on the answers."""
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
    """Its answer; between the end of the photograph and that of the job there is none to show."""
    return _answer_member_json(item) if job.state == item.state and job.error is None else ""


def _item_json(item: JobItem) -> str:
    head = json.dumps({"file_id": item.file_id, "state": item.state})
    return head[:-1] + ("" if item.state == "running" else _answer_member_json(item)) + "}"


def _answer_member_json(item: JobItem) -> str:
    return "" if item.answer is None else f',"{ANSWER_MEMBERS[item.state]}":{item.answer}'
