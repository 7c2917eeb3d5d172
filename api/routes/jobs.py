"""GET, DELETE /jobs/{job_id} and GET /jobs/{job_id}/events."""

from collections.abc import Iterator
from typing import Any

from flask import Response, request
from flask_openapi3 import APIBlueprint, Tag

from api.contract.common import ErrorAnswer
from api.contract.jobs import JobAnswer, JobPath, JobQuery, job_json
from api.http.event_stream import EventStreams, last_event_revision
from domain.jobs import JobSnapshot
from services.jobs.service import JobService

ERROR_RESPONSES: dict[Any, Any] = dict.fromkeys((404, 500, 503), ErrorAnswer)
QUERY_ERROR_RESPONSES = {**ERROR_RESPONSES, 422: ErrorAnswer}
EVENT_RESPONSES: dict[Any, Any] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}},
    204: {"description": "The last event was seen already; an EventSource does not come back."},
    **ERROR_RESPONSES,
}


def blueprint(jobs: JobService, streams: EventStreams) -> APIBlueprint:
    """The routes over `jobs`."""
    routes = APIBlueprint("jobs", __name__, abp_tags=[Tag(name="jobs")])

    def event(view: JobSnapshot) -> Iterator[str]:
        return job_json(view, jobs.items(view) if view.job.final else view.items)

    @routes.get(
        "/jobs/<job_id>", summary="How far a job is", responses={200: JobAnswer, **QUERY_ERROR_RESPONSES}
    )
    def job(path: JobPath, query: JobQuery) -> Response:
        view = jobs.view(path.job_id)
        pieces = job_json(view, jobs.items(view) if query.results else view.items)
        return Response(pieces, mimetype="application/json")

    @routes.delete(
        "/jobs/<job_id>",
        summary="Cancel a job, or forget a finished one",
        description="Answers with the job as it is after its cancellation, or was before it was forgotten.",
        responses={200: JobAnswer, **ERROR_RESPONSES},
    )
    def delete(path: JobPath) -> Response:
        view = jobs.delete(path.job_id)
        return Response(job_json(view, view.items), mimetype="application/json")

    @routes.get(
        "/jobs/<job_id>/events",
        summary="The same as server-sent events",
        description="An event for every change, its data as of GET /jobs/{job_id}; the current state comes "
        "first. Results of a batch's photographs are in the last event only. With Last-Event-ID, what came "
        "up to that event is left out.",
        responses=EVENT_RESPONSES,
    )
    def events(path: JobPath) -> Response:
        found, seen = jobs.view(path.job_id).job, last_event_revision(request.headers.get("Last-Event-ID"))
        if found.final and seen >= found.revision:
            return Response(status=204)
        return streams.open(jobs.watch(path.job_id, seen), event)

    return routes
