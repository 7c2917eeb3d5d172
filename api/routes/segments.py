"""POST /segment."""

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from api.job_answers import accepted
from api.job_kinds import JobKind, unheard
from api.replies import reply
from api.schemas.answer import ErrorAnswer
from api.schemas.job_answer import JobAccepted
from api.schemas.segment_answer import SegmentAnswer
from api.schemas.segment_request import SegmentRequest
from services.admission import Admission
from services.jobs import JobService
from services.progress import Progress


def blueprint(kind: JobKind, jobs: JobService, admission: Admission) -> APIBlueprint:
    """The route over the work `kind`, done at once or by `jobs`."""
    routes = APIBlueprint("segments", __name__, abp_tags=[Tag(name="segmentation")])

    @routes.post(
        "/segment",
        summary="Find and name the regions of a photograph",
        responses={
            200: SegmentAnswer,
            202: JobAccepted,
            **dict.fromkeys((400, 404, 413, 415, 422, 500, 503), ErrorAnswer),
        },
    )
    def segment(body: SegmentRequest) -> Response:
        if body.in_background:
            kind.check(body.file_id)
            return accepted(jobs.submit(kind.order(body, [body.file_id], batch=False)))
        work = kind.prepare(body)
        with admission.enter():
            answer = work(Progress(), unheard)
        return reply(answer)

    return routes
