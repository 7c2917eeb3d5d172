"""POST /similar."""

from flask import Response, request
from flask_openapi3 import FileStorage
from pydantic import Field, ValidationError

from api.contract.common import RequestImage
from api.contract.search import SearchAnswer, search_answer
from api.contract.similar import SimilarFields, SimilarRequest, to_options, to_region
from api.contract.validation import raise_invalid_request
from api.http.context import context
from api.http.images import form_images, stored_images
from api.http.openapi import describe_body, new_blueprint, schema_of
from api.http.replies import responses, timed_response
from domain.masks import Prompt
from services.progress import Progress

routes = new_blueprint("similar", "search", "The search index: images and regions by text or by similarity.")


class SimilarForm(SimilarFields):
    """The options, with an image file that is not stored."""

    image: FileStorage = Field(description="Image file.")


@routes.post(
    "/similar",
    summary="Find indexed images, or regions, that resemble an image or a region of it",
    description="The body is JSON with `file_id`, or a multipart form with an image file.",
    responses=responses(SearchAnswer, 400, 404, 413, 415, 422, 500, 503),
)
def similar() -> Response:
    """Search by an image or by a region of it."""
    fields, image, region = _parse_request()
    options, progress, app = to_options(fields, region), Progress(), context()
    with app.admission.enter():
        with progress.stage("load"):
            photo = image.open()
        found = app.search.similar(photo, region, options, progress)
    return timed_response(search_answer(found, options.scope, app.search.labeller), progress)


describe_body(
    routes,
    "/similar",
    {"application/json": schema_of(SimilarRequest), "multipart/form-data": schema_of(SimilarForm)},
)


def _parse_request() -> tuple[SimilarFields, RequestImage, Prompt | int | None]:
    """Return the options, the image, and the region of it that the request is about.

    Raises:
        InvalidRequest: A value cannot be used.
        MalformedRequest: The body is not a JSON object.
    """
    images = context().images
    try:
        if request.mimetype == "multipart/form-data":
            fields = SimilarFields.model_validate(request.form.to_dict())
            return fields, form_images(images)[0], None
        body = SimilarRequest.model_validate(request.get_json())
    except ValidationError as error:
        raise_invalid_request(error)
    (image,) = stored_images(images, [body.file_id])
    return body, image, to_region(body)
