"""POST /{kind} for every kind of work: at once, or as a job."""

from collections.abc import Sequence
from typing import Any

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from api.contract.common import ErrorAnswer, LangQuery, apply_lang_query
from api.contract.jobs import JobAcceptedAnswer
from api.contract.tasks import TaskKind, ignore_partial
from api.http.replies import job_accepted_response, json_response
from services.admission import Admission
from services.jobs.service import JobService
from services.progress import Progress


def blueprint(kinds: Sequence[TaskKind], jobs: JobService, admission: Admission) -> APIBlueprint:
    """The routes over `kinds`, done at once or by `jobs`."""
    routes = APIBlueprint("works", __name__, abp_tags=[Tag(name="photographs")])
    for kind in kinds:
        _add_task_route(routes, kind, jobs, admission)
    return routes


def _add_task_route(routes: APIBlueprint, kind: TaskKind, jobs: JobService, admission: Admission) -> None:
    def do(body: Any, query: LangQuery) -> Response:
        body = apply_lang_query(body, query)
        if body.run_async:
            kind.check(body)
            return job_accepted_response(jobs.submit(kind.order(body, [body.file_id], batch=False)))
        work = kind.prepare(body)
        with admission.enter():
            answer = work(Progress(), ignore_partial)
        return json_response(answer)

    do.__name__ = kind.name
    do.__annotations__["body"] = kind.body  # what the body is validated against
    routes.post(
        f"/{kind.name}",
        summary=kind.summary,
        responses={
            200: kind.answer,
            202: JobAcceptedAnswer,
            **dict.fromkeys((400, 404, 413, 415, 422, 500, 503), ErrorAnswer),
        },
    )(do)
