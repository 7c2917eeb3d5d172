"""POST /classify."""

from flask import Response, request
from flask_openapi3 import FileStorage
from pydantic import Field, ValidationError

from api.contract.classify import (
    MAX_CLASSIFY_IMAGES,
    ClassifyAnswer,
    ClassifyFields,
    ClassifyRequest,
    classify_images,
    to_options,
)
from api.contract.common import LangQuery, RequestImage, apply_lang_query
from api.contract.validation import raise_invalid_request
from api.http.context import context
from api.http.images import form_images, stored_images
from api.http.openapi import describe_body, new_blueprint, schema_of
from api.http.replies import responses, timed_response
from services.progress import Progress
from services.vocabularies.split import split_labels

routes = new_blueprint("classify", "images", "Whole images: upload, labels, captions, moderation.")


class ClassifyForm(ClassifyFields):
    """The options, with image files that are not stored."""

    image: list[FileStorage] = Field(
        min_length=1, max_length=MAX_CLASSIFY_IMAGES, description="Image files; the field may be repeated."
    )


@routes.post(
    "/classify",
    summary="Choose the label that fits a whole image",
    description="The body is JSON with `file_id` or `file_ids`, or a multipart form with image files.",
    responses=responses(ClassifyAnswer, 400, 404, 413, 415, 422, 500, 503),
)
def classify(query: LangQuery) -> Response:
    """Classify stored or sent images."""
    fields, images = _parse_request()
    fields = apply_lang_query(fields, query)
    options, progress = to_options(fields, context().vocabularies), Progress()
    with context().admission.enter():
        answer = classify_images(images, fields, options, context().classifier, progress)
    return timed_response(answer, progress)


describe_body(
    routes,
    "/classify",
    {"application/json": schema_of(ClassifyRequest), "multipart/form-data": schema_of(ClassifyForm)},
)


def _parse_request() -> tuple[ClassifyFields, list[RequestImage]]:
    """Return the options and the images of the request.

    Raises:
        InvalidRequest: A value cannot be used.
        MalformedRequest: The body is not a JSON object.
    """
    images = context().images
    try:
        if request.mimetype == "multipart/form-data":
            fields = ClassifyFields.model_validate(_parse_form_fields(), strict=False)
            return fields, form_images(images)
        body = ClassifyRequest.model_validate(request.get_json())
    except ValidationError as error:
        raise_invalid_request(error)
    return body, stored_images(images, body.file_ids or [body.file_id or ""])


def _parse_form_fields() -> dict[str, object]:
    """Return the text fields; `labels` may be repeated, and each may hold several labels."""
    fields: dict[str, object] = {name: values[-1] for name, values in request.form.lists()}
    if "labels" not in fields:
        return fields
    return {
        **fields,
        "labels": [label for text in request.form.getlist("labels") for label in split_labels(text)],
    }
