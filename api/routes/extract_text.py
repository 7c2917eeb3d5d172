"""GET and POST /extract_text/{file_id}."""

from flask import Response, request
from pydantic import ValidationError

from api.contract.extract_text import (
    ExtractTextAnswer,
    ExtractTextPath,
    ExtractTextQuery,
    ExtractTextRequest,
    extract_text_answer,
)
from api.contract.validation import raise_invalid_request
from api.http.context import context
from api.http.openapi import describe_body, new_blueprint, schema_of
from api.http.replies import json_response, responses
from services.progress import Progress
from services.text.service import TextOptions

routes = new_blueprint("extract_text", "depth and text", "The depth map and the text of an image.")


@routes.get(
    "/extract_text/<file_id>",
    summary="Read the text of an image",
    responses=responses(ExtractTextAnswer, 404, 422, 500, 503),
)
def get_extract_text(path: ExtractTextPath, query: ExtractTextQuery) -> Response:
    """Read the text with options in the query."""
    return _read_text(path.file_id, TextOptions(query.min_confidence))


@routes.post(
    "/extract_text/<file_id>",
    summary="Read the text of an image, with options in the body",
    description="The JSON body may be left out. Its members take precedence over those of the query.",
    responses=responses(ExtractTextAnswer, 400, 404, 413, 415, 422, 500, 503),
)
def extract_text(path: ExtractTextPath, query: ExtractTextQuery) -> Response:
    """Read the text with options in the body and the query."""
    sent = _parse_body()
    chosen = sent if "min_confidence" in sent.model_fields_set else query
    return _read_text(path.file_id, TextOptions(chosen.min_confidence))


describe_body(
    routes, "/extract_text/{file_id}", {"application/json": schema_of(ExtractTextRequest)}, required=False
)


def _read_text(file_id: str, options: TextOptions) -> Response:
    progress, app = Progress(), context()
    with app.admission.enter():
        with progress.stage("load"):
            photo = app.images.photo(file_id)
        result = app.text.read(photo, options, progress)
    answer = extract_text_answer(result)
    answer.timings_ms = progress.timings_ms
    app.metrics.observe_task(progress.timings_ms, lines=len(answer.lines))
    return json_response(answer)


def _parse_body() -> ExtractTextRequest:
    """Return the options of the body, or the defaults if there is no body.

    Raises:
        InvalidRequest: A value cannot be used.
        MalformedRequest: The body is not a JSON object.
    """
    if not request.get_data():
        return ExtractTextRequest()
    try:
        return ExtractTextRequest.model_validate(request.get_json())
    except ValidationError as error:
        raise_invalid_request(error)
