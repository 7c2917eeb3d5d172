"""GET and POST /extract_text/{file_id}."""

from flask import Response, request
from flask_openapi3 import APIBlueprint, Tag
from pydantic import ValidationError

from api.contract.common import ErrorAnswer
from api.contract.extract_text import (
    ExtractTextAnswer,
    ExtractTextPath,
    ExtractTextQuery,
    ExtractTextRequest,
    extract_text_answer,
)
from api.contract.validation import raise_invalid_request
from api.http.metrics import Metrics
from api.http.replies import json_response
from services.admission import Admission
from services.images.upload import ImageService
from services.progress import Progress
from services.text.service import TextOptions, TextService

EXTRACT_TEXT_PATH = "/extract_text/<file_id>"
EXTRACT_TEXT_SUMMARY = "Read the text of a photograph"
QUERY_ERROR_STATUSES = (404, 422, 500, 503)
BODY_ERROR_STATUSES = (400, 413, 415)


def blueprint(
    images: ImageService, service: TextService, admission: Admission, metrics: Metrics
) -> APIBlueprint:
    """The routes over `service`, for photographs of `images`."""
    routes = APIBlueprint("text", __name__, abp_tags=[Tag(name="text")])

    def answer(file_id: str, options: TextOptions) -> Response:
        progress = Progress()
        with admission.enter():
            with progress.stage("load"):
                photo = images.photo(file_id)
            result = service.read(photo, options, progress)
        text = extract_text_answer(result)
        text.timings_ms = progress.timings_ms
        metrics.worked(progress.timings_ms, lines=len(text.lines))
        return json_response(text)

    @routes.get(
        EXTRACT_TEXT_PATH,
        summary=EXTRACT_TEXT_SUMMARY,
        responses={200: ExtractTextAnswer, **dict.fromkeys(QUERY_ERROR_STATUSES, ErrorAnswer)},
    )
    def get_text(path: ExtractTextPath, query: ExtractTextQuery) -> Response:
        return answer(path.file_id, TextOptions(query.min_confidence))

    @routes.post(
        EXTRACT_TEXT_PATH,
        summary=EXTRACT_TEXT_SUMMARY,
        description="The JSON body may be left out; what it says comes before what the address says.",
        responses={
            200: ExtractTextAnswer,
            **dict.fromkeys((*QUERY_ERROR_STATUSES, *BODY_ERROR_STATUSES), ErrorAnswer),
        },
    )
    def post_text(path: ExtractTextPath, query: ExtractTextQuery) -> Response:
        sent = _parse_body()
        chosen = sent if "min_confidence" in sent.model_fields_set else query
        return answer(path.file_id, TextOptions(chosen.min_confidence))

    return routes


def _parse_body() -> ExtractTextRequest:
    """The options in the body; none where there is no body.

    Raises:
        InvalidRequest: A value in it cannot be used.
        MalformedRequest: It is no JSON object.
    """
    body = ExtractTextRequest()
    if request.mimetype == "multipart/form-data" or request.get_data():
        try:
            body = ExtractTextRequest.model_validate(request.get_json())
        except ValidationError as error:
            raise_invalid_request(error)
    return body
