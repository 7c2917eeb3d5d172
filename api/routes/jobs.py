"""GET and DELETE /jobs/{job_id}, GET /jobs/{job_id}/events."""

from collections.abc import Iterator

from flask import Response, request

from api.contract.common import ErrorAnswer
from api.contract.jobs import JobAnswer, JobPath, JobQuery, job_json
from api.http.context import context
from api.http.event_stream import last_event_revision
from api.http.openapi import new_blueprint
from api.http.replies import Responses, responses
from domain.jobs import JobSnapshot

EVENT_RESPONSES: Responses = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}},
    204: {"description": "The last event was sent already, so an EventSource need not reconnect."},
    **dict.fromkeys((400, 404, 422, 500, 503), ErrorAnswer),
}

routes = new_blueprint("jobs", "jobs", "Jobs: tasks that run in the background.")


@routes.get(
    "/jobs/<job_id>", summary="Get the state of a job", responses=responses(JobAnswer, 404, 422, 500, 503)
)
def get_job(path: JobPath, query: JobQuery) -> Response:
    """Answer with the state of the job, and with the results that exist so far."""
    jobs = context().jobs
    view = jobs.view(path.job_id)
    pieces = job_json(view, jobs.items(view) if query.results else view.items)
    return Response(pieces, mimetype="application/json")


@routes.delete(
    "/jobs/<job_id>",
    summary="Cancel a job, or delete a finished one",
    description="The answer is the job after it was cancelled, or before it was deleted.",
    responses=responses(JobAnswer, 404, 500, 503),
)
def delete_job(path: JobPath) -> Response:
    """Cancel or delete a job."""
    view = context().jobs.delete(path.job_id)
    return Response(job_json(view, view.items), mimetype="application/json")


@routes.get(
    "/jobs/<job_id>/events",
    summary="Follow a job as server-sent events",
    description="The stream begins with the current state and has an event for every change. The data of an "
    "event is the answer of GET /jobs/{job_id}; the results of a batch are in the last event only. With the "
    "header Last-Event-ID, events up to that one are left out.",
    responses=EVENT_RESPONSES,
)
def get_job_events(path: JobPath) -> Response:
    """Stream the changes of a job."""
    jobs = context().jobs
    found, seen = jobs.view(path.job_id).job, last_event_revision(request.headers.get("Last-Event-ID"))
    if found.final and seen >= found.revision:
        return Response(status=204)

    def event_data(view: JobSnapshot) -> Iterator[str]:
        return job_json(view, jobs.items(view) if view.job.final else view.items)

    return context().event_streams.open(jobs.watch(path.job_id, seen), event_data)
