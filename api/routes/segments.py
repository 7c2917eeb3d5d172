"""POST /segment."""

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from api.metrics import Metrics
from api.render import segment_answer
from api.replies import reply
from api.schemas.answer import ErrorAnswer
from api.schemas.segment_answer import SegmentAnswer
from api.schemas.segment_request import SegmentRequest
from api.segment_options import segment_options
from services.admission import Admission
from services.progress import Progress
from services.segment import SegmentService
from services.vocabularies import Vocabularies


def blueprint(
    service: SegmentService, vocabularies: Vocabularies, admission: Admission, metrics: Metrics
) -> APIBlueprint:
    """The route over `service`."""
    routes = APIBlueprint("segments", __name__, abp_tags=[Tag(name="segmentation")])

    @routes.post(
        "/segment",
        summary="Find and name the regions of a photograph",
        responses={200: SegmentAnswer, **dict.fromkeys((400, 404, 413, 415, 422, 500, 503), ErrorAnswer)},
    )
    def segment(body: SegmentRequest) -> Response:
        options = segment_options(body, vocabularies)
        progress = Progress()
        with admission.enter():
            result = service.segment(body.file_id, options, progress)
            with progress.stage("answer"):
                answer = segment_answer(result, body.masks)
        answer.timings_ms = progress.timings_ms
        metrics.segmented(progress.timings_ms, answer.mask_count)
        return reply(answer)

    return routes
