"""POST /{kind} for every kind of work: at once, or as a job."""

from collections.abc import Sequence
from typing import Any

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from api.contract.common import ErrorAnswer
from api.contract.job_answers import accepted
from api.contract.jobs import JobAccepted
from api.contract.lang_query import LangQuery, with_lang
from api.contract.tasks import JobKind, unheard
from api.http.replies import reply
from services.admission import Admission
from services.jobs.service import JobService
from services.progress import Progress


def blueprint(kinds: Sequence[JobKind], jobs: JobService, admission: Admission) -> APIBlueprint:
    """The routes over `kinds`, done at once or by `jobs`."""
    routes = APIBlueprint("works", __name__, abp_tags=[Tag(name="photographs")])
    for kind in kinds:
        _add(routes, kind, jobs, admission)
    return routes


def _add(routes: APIBlueprint, kind: JobKind, jobs: JobService, admission: Admission) -> None:
    def do(body: Any, query: LangQuery) -> Response:
        body = with_lang(body, query)
        if body.in_background:
            kind.check(body)
            return accepted(jobs.submit(kind.order(body, [body.file_id], batch=False)))
        work = kind.prepare(body)
        with admission.enter():
            answer = work(Progress(), unheard)
        return reply(answer)

    do.__name__ = kind.name
    do.__annotations__["body"] = kind.body  # what the body is validated against
    routes.post(
        f"/{kind.name}",
        summary=kind.summary,
        responses={
            200: kind.answer,
            202: JobAccepted,
            **dict.fromkeys((400, 404, 413, 415, 422, 500, 503), ErrorAnswer),
        },
    )(do)
