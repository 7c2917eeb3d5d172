"""POST /{kind}/batch for every kind of work."""

from collections.abc import Sequence
from typing import Any

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from api.contract.common import ErrorAnswer
from api.contract.jobs import JobAcceptedAnswer
from api.contract.tasks import TaskKind
from api.http.replies import job_accepted_response
from services.jobs.service import JobService


def blueprint(jobs: JobService, kinds: Sequence[TaskKind]) -> APIBlueprint:
    """The routes over `jobs`."""
    routes = APIBlueprint("batches", __name__, abp_tags=[Tag(name="jobs")])
    for kind in kinds:
        _add_batch_route(routes, jobs, kind)
    return routes


def _add_batch_route(routes: APIBlueprint, jobs: JobService, kind: TaskKind) -> None:
    def submit(body: Any) -> Response:
        return job_accepted_response(jobs.submit(kind.order(body, body.file_ids, batch=True)))

    submit.__name__ = f"{kind.name}_batch"
    submit.__annotations__["body"] = kind.batch  # what the body is validated against
    routes.post(
        f"/{kind.name}/batch",
        summary=f"POST /{kind.name} for many photographs, as one job",
        responses={202: JobAcceptedAnswer, **dict.fromkeys((400, 413, 415, 422, 500, 503), ErrorAnswer)},
    )(submit)
