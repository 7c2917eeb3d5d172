"""GET /depth/{file_id}."""

from flask import Response

from api.contract.depth import DepthAnswer, DepthPath, DepthQuery, depth_answer
from api.http.context import context
from api.http.openapi import BINARY, new_blueprint
from api.http.replies import json_response, responses
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
    progress, app = Progress(), context()
    with app.admission.enter():
        with progress.stage("load"):
            photo = app.images.photo(path.file_id)
        result = app.depth.estimate(photo, progress)
        app.metrics.observe_task(progress.timings_ms)
        if query.format == "npy":
            return Response(depth_npy(result.depth), mimetype=NPY_MIME_TYPE)
        with progress.stage("encode_png"):
            answer = depth_answer(result, query.format)
    answer.timings_ms = progress.timings_ms
    return json_response(answer)


routes.paths["/depth/{file_id}"].get.responses["200"].content[NPY_MIME_TYPE] = BINARY
