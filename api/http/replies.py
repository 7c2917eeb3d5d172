"""Runs tasks for the routes and puts answers into HTTP responses."""

from typing import Any

from flask import Response, url_for

from api.contract.common import (
    Answer,
    ErrorAnswer,
    ImageBatchRequest,
    LangQuery,
    answer_json,
    apply_lang_query,
)
from api.contract.jobs import JobAcceptedAnswer
from api.contract.tasks import Task
from api.http.context import context
from domain.jobs import Job
from services.progress import Progress, ignore

TASK_ERRORS = (400, 404, 413, 415, 422, 500, 503)
BATCH_ERRORS = (400, 413, 415, 422, 500, 503)

Responses = dict[Any, Any]
"""Possible answers of a route by status, for the API documents."""


def responses(answer: type[Answer], *errors: int, status: int = 200) -> Responses:
    """Return the responses of a route: the answer, and errors in the shape of `ErrorAnswer`.

    Every route has 400 and 422, for what a request says beyond its description (api.http.strictness).
    """
    return {status: answer, **dict.fromkeys(sorted({400, 422, *errors}), ErrorAnswer)}


def task_responses(answer: type[Answer]) -> Responses:
    """Return the responses of a task's route."""
    return {200: answer, 202: JobAcceptedAnswer, **dict.fromkeys(TASK_ERRORS, ErrorAnswer)}


def batch_responses() -> Responses:
    """Return the responses of a task's batch route."""
    return responses(JobAcceptedAnswer, *BATCH_ERRORS, status=202)


def run_task(task: Task[Any, Any, Any], request: Any, query: LangQuery) -> Response:
    """Run a task now, or queue it as a job if the request has `async`.

    Raises:
        ServiceError: The request cannot be served.
    """
    request = apply_lang_query(request, query)
    if request.run_async:
        task.check(request)
        return _job_accepted(context().jobs.submit(task.job(request, [request.file_id], batch=False)))
    run = task.prepare(request)
    # Large answers take long to encode and hold the interpreter, so they are encoded in their turn, too.
    with context().admission.enter():
        return json_response(run(Progress(), ignore))


def submit_batch(task: Task[Any, Any, Any], request: ImageBatchRequest) -> Response:
    """Queue one job for many images; options that cannot be used are refused at once.

    Raises:
        ServiceError: The request cannot be served.
    """
    task.to_options(request)
    return _job_accepted(context().jobs.submit(task.job(request, request.file_ids, batch=True)))


def _job_accepted(job: Job) -> Response:
    path = url_for("jobs.get_job", job_id=job.job_id)
    response = json_response(JobAcceptedAnswer(job_id=job.job_id, status_url=path), 202)
    response.headers["Location"] = path
    return response


def json_response(answer: Answer, status: int = 200) -> Response:
    """Return the answer as JSON, without the optional members that were not set."""
    return Response(answer_json(answer), status, mimetype="application/json")


def timed_response(answer: Answer, progress: Progress, status: int = 200) -> Response:
    """Return the answer with its timings, and count them."""
    answer.timings_ms = progress.timings_ms
    context().metrics.observe_task(progress.timings_ms)
    return json_response(answer, status)
