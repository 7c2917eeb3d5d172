"""Turns jobs into answers, piece by piece: the results of a batch may be many megabytes."""

import json
from collections.abc import Iterable, Iterator

from flask import Response, url_for

from api.contract.common import ErrorBody
from api.contract.jobs import JobAccepted, JobAnswer
from api.http.replies import iso, json_of, reply
from domain.jobs import Job, JobItem, JobView

MEMBERS = {"running": "partial", "succeeded": "result", "failed": "error"}
"""Where an answer stands that was given in a state."""


def accepted(job: Job) -> Response:
    """The answer 202."""
    path = url_for("jobs.job", job_id=job.job_id)
    response = reply(JobAccepted(job_id=job.job_id, status_url=path), 202)
    response.headers["Location"] = path
    return response


def job_json(view: JobView, items: Iterable[JobItem]) -> Iterator[str]:
    """The JSON text of GET /jobs/{job_id} with these photographs of a batch; answers stand in it as kept."""
    yield json_of(_head(view.job))[:-1]
    if view.job.batch:
        yield ',"items":['
        for position, item in enumerate(items):
            yield f"{',' if position else ''}{_item(item)}"
        yield "]"
    else:
        yield _single(view.job, view.items[0])
    yield "}"


def _head(job: Job) -> JobAnswer:
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
        created_at=iso(job.created_at) or "",
        started_at=iso(job.started_at),
        finished_at=iso(job.finished_at),
        expires_at=iso(job.expires_at),
        **failed,
    )


def _single(job: Job, item: JobItem) -> str:
    """Its answer; between the end of the photograph and that of the job there is none to show."""
    return _answer(item) if job.state == item.state and job.error is None else ""


def _item(item: JobItem) -> str:
    head = json.dumps({"file_id": item.file_id, "state": item.state})
    return head[:-1] + ("" if item.state == "running" else _answer(item)) + "}"


def _answer(item: JobItem) -> str:
    return "" if item.answer is None else f',"{MEMBERS[item.state]}":{item.answer}'
