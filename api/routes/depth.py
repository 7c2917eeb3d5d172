"""GET /depth/{file_id}."""

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from api.contract.common import ErrorAnswer
from api.contract.depth import DepthAnswer, DepthPath, DepthQuery, depth_answer
from api.http.metrics import Metrics
from api.http.replies import json_response
from services.admission import Admission
from services.depth import DepthService, depth_npy
from services.images.upload import ImageService
from services.progress import Progress

NPY_MIME_TYPE = "application/octet-stream"


def blueprint(
    images: ImageService, service: DepthService, admission: Admission, metrics: Metrics
) -> APIBlueprint:
    """The route over `service`, for photographs of `images`."""
    routes = APIBlueprint("depth", __name__, abp_tags=[Tag(name="depth")])

    @routes.get(
        "/depth/<file_id>",
        summary="Say how far everything in a photograph is",
        responses={200: DepthAnswer, **dict.fromkeys((404, 422, 500, 503), ErrorAnswer)},
    )
    def depth(path: DepthPath, query: DepthQuery) -> Response:
        progress = Progress()
        with admission.enter():
            with progress.stage("load"):
                photo = images.photo(path.file_id)
            result = service.estimate(photo, progress)
            metrics.worked(progress.timings_ms)
            if query.format == "npy":
                return Response(depth_npy(result.depth), mimetype=NPY_MIME_TYPE)
            with progress.stage("encode_png"):
                answer = depth_answer(result, query.format)
        answer.timings_ms = progress.timings_ms
        return json_response(answer)

    return routes
