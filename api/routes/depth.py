"""GET /depth/{file_id} and POST /depth."""

from collections.abc import Sequence

from flask import Response

from api.contract.depth import (
    DepthAnswer,
    DepthImageFormat,
    DepthPath,
    DepthQuery,
    DepthRequest,
    depth_answer,
)
from api.contract.images import RequestImage
from api.http.context import context
from api.http.images import request_images
from api.http.openapi import BINARY, describe_form, new_blueprint
from api.http.replies import TASK_ERRORS, json_response, name_stored, responses
from services.depth import depth_npy
from services.progress import Progress

NPY_MIME_TYPE = "application/octet-stream"

routes = new_blueprint("depth", "depth and text", "The depth map and the text of an image.")


@routes.get(
    "/depth/<file_id>",
    summary="Estimate the depth of every pixel",
    responses=responses(DepthAnswer, 404, 422, 500, 503),
)
def get_depth(path: DepthPath, query: DepthQuery) -> Response:
    """Answer with the depth map as a PNG in JSON, or as a NumPy file."""
    return _estimate_depth([RequestImage.uploaded(context().images, path.file_id)], query.format, Progress())


@routes.post(
    "/depth",
    summary="Estimate the depth of every pixel of an image that is sent in the call",
    responses=responses(DepthAnswer, *TASK_ERRORS),
)
def depth(body: DepthRequest) -> Response:
    """Answer as GET /depth/{file_id} does."""
    progress = Progress()
    with request_images(body, progress) as images:
        return _estimate_depth(images, body.format, progress)


describe_form(routes, "/depth", DepthRequest)
routes.paths["/depth"].post.responses["200"].content[NPY_MIME_TYPE] = BINARY
routes.paths["/depth/{file_id}"].get.responses["200"].content[NPY_MIME_TYPE] = BINARY


def _estimate_depth(images: Sequence[RequestImage], form: DepthImageFormat, progress: Progress) -> Response:
    app = context()
    with app.admission.enter():
        with progress.stage("load"):
            photo = images[0].open()
        result = app.depth.estimate(photo, progress)
        app.metrics.observe_task(progress.timings_ms)
        if form == "npy":
            return Response(depth_npy(result.depth), mimetype=NPY_MIME_TYPE)
        with progress.stage("encode_png"):
            answer = name_stored(depth_answer(result, form), images)
    answer.timings_ms = progress.timings_ms
    return json_response(answer)
