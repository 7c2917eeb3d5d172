"""Runs tasks for the routes and puts answers into HTTP responses."""

from collections.abc import Sequence
from typing import Any, TypeVar

from flask import Response, url_for

from api.contract.common import Answer, ErrorAnswer, LangQuery, answer_json, apply_lang_query
from api.contract.images import ImageAnswer, ImageBatchRequest, RequestImage
from api.contract.jobs import JobAcceptedAnswer
from api.contract.segment_formats import DocumentAnswer
from api.contract.tasks import Task
from api.http.context import context
from api.http.images import request_images
from domain.jobs import Job
from services.progress import Progress, ignore

TASK_ERRORS = (400, 404, 413, 415, 422, 500, 502, 503)
"""Statuses of the errors of an operation that takes an image in the call."""

BATCH_ERRORS = (400, 413, 415, 422, 500, 503)

AnswerT = TypeVar("AnswerT", bound=Answer)

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
    run, progress = task.prepare(request), Progress()
    with request_images(request, progress) as images:
        if request.run_async:
            return _submit(task, request, *images)
        # Large answers take long to encode and hold the interpreter, so they are encoded in their turn, too.
        with context().admission.enter():
            answer = run(images, progress, ignore)
            if isinstance(answer, DocumentAnswer):
                return document_response(answer)
            return json_response(name_stored(answer, images))


def _submit(task: Task[Any, Any, Any], request: Any, image: RequestImage) -> Response:
    task.check(request, image)
    job = task.job(request, [image.identity["file_id"]], batch=False)
    return _job_accepted(context().jobs.submit(job), [image])


def submit_batch(task: Task[Any, Any, Any], request: ImageBatchRequest) -> Response:
    """Queue one job for many images; options that cannot be used are refused at once.

    Raises:
        ServiceError: The request cannot be served.
    """
    task.to_options(request)
    return _job_accepted(context().jobs.submit(task.job(request, request.file_ids, batch=True)))


def name_stored(answer: AnswerT, images: Sequence[RequestImage]) -> AnswerT:
    """Put the id of the image that the call stored into its answer, unless entries of it have ids."""
    if isinstance(answer, ImageAnswer) and images and images[0].stored is not None:
        answer.file_id = images[0].stored
    return answer


def _job_accepted(job: Job, images: Sequence[RequestImage] = ()) -> Response:
    path = url_for("jobs.get_job", job_id=job.job_id)
    answer = name_stored(JobAcceptedAnswer(job_id=job.job_id, status_url=path), images)
    response = json_response(answer, 202)
    response.headers["Location"] = path
    return response


def json_response(answer: Answer, status: int = 200) -> Response:
    """Return the answer as JSON, without the optional members that were not set."""
    return Response(answer_json(answer), status, mimetype="application/json")


def document_response(answer: DocumentAnswer) -> Response:
    """Return the document of the answer, in UTF-8, as the whole body."""
    return Response(answer.body, mimetype=answer.media_type)


def timed_response(answer: Answer, progress: Progress, status: int = 200) -> Response:
    """Return the answer with its timings, and count them."""
    answer.timings_ms = progress.timings_ms
    context().metrics.observe_task(progress.timings_ms)
    return json_response(answer, status)
