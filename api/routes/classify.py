"""The body and the form of POST /classify."""

from flask import Response, request
from flask_openapi3 import APIBlueprint, FileStorage, Tag
from pydantic import Field, ValidationError

from api.contract.classify import (
    MAX_CLASSIFY_IMAGES,
    ClassifyAnswer,
    ClassifyEntry,
    ClassifyFields,
    ClassifyRequest,
    classify_entry,
)
from api.contract.common import ErrorAnswer, ErrorBody, LangQuery, ModelEntry, apply_lang_query
from api.contract.validation import raise_invalid_request
from api.http.images import RequestImage, form_images, stored_images
from api.http.metrics import Metrics
from api.http.replies import json_response
from domain.errors import ModelUnavailable, ServiceError
from services.admission import Admission
from services.classify.service import ZeroShotClassifier
from services.images.upload import ImageService
from services.labels.confidence import LabelOptions
from services.progress import Progress
from services.vocabularies.library import Vocabularies


class ClassifyForm(ClassifyFields):
    """The same with the photographs in the request; they are not kept."""

    image: list[FileStorage] = Field(
        min_length=1, max_length=MAX_CLASSIFY_IMAGES, description="Image files; the field may be repeated."
    )


def blueprint(
    images: ImageService,
    classifier: ZeroShotClassifier,
    vocabularies: Vocabularies,
    admission: Admission,
    metrics: Metrics,
) -> APIBlueprint:
    """The route over `classifier`, for photographs of `images` and those in the request."""
    routes = APIBlueprint("classify", __name__, abp_tags=[Tag(name="photographs")])

    @routes.post(
        "/classify",
        summary="Say which of some names fits a whole photograph",
        description="Takes JSON with `file_id` or `file_ids`, or a multipart form with image files.",
        responses={
            200: ClassifyAnswer,
            **dict.fromkeys((400, 404, 413, 415, 422, 500, 503), ErrorAnswer),
        },
    )
    def classify(query: LangQuery) -> Response:
        fields, sources = _parse_request(images)
        fields = apply_lang_query(fields, query)
        vocabulary = vocabularies.resolve(fields.labels, fields.vocabulary, fields.lang)
        options = LabelOptions(vocabulary, None, fields.top_k, fields.confidence_threshold)
        progress = Progress()

        def entry(source: RequestImage) -> ClassifyEntry:
            try:
                with progress.stage("load"):
                    photo = source.open()
                prediction = classifier.prediction(photo, vocabulary, fields.robust, progress)
            except ModelUnavailable:
                raise
            except ServiceError as error:
                if len(sources) == 1:
                    raise
                return ClassifyEntry(
                    **source.named,
                    error=ErrorBody(code=error.code, message=error.message, details=error.details),
                )
            with progress.stage("answer"):
                return classify_entry(source, classifier.classification(prediction, options, fields.plot))

        with admission.enter():
            results = [entry(source) for source in sources]
        models = {"labeller": ModelEntry.of(classifier.labeller)}
        metrics.worked(progress.timings_ms)
        return json_response(ClassifyAnswer(results=results, models=models, timings_ms=progress.timings_ms))

    return routes


def _parse_request(images: ImageService) -> tuple[ClassifyFields, list[RequestImage]]:
    """The options and the photographs of the request.

    Raises:
        InvalidRequest: A value cannot be used.
        MalformedRequest: Neither a JSON object nor a form with images.
    """
    try:
        if request.mimetype == "multipart/form-data":
            return ClassifyFields.model_validate(_parse_form_fields(), strict=False), form_images(
                images, MAX_CLASSIFY_IMAGES
            )
        body = ClassifyRequest.model_validate(request.get_json())
    except ValidationError as error:
        raise_invalid_request(error)
    return body, stored_images(images, body.file_ids or [body.file_id or ""])


def _parse_form_fields() -> dict[str, object]:
    """The text fields; `labels` may be repeated, and each may hold several names with commas between them."""
    fields: dict[str, object] = {name: values[-1] for name, values in request.form.lists()}
    names = [part.strip() for text in request.form.getlist("labels") for part in text.split(",")]
    return {**fields, "labels": [name for name in names if name]} if "labels" in fields else fields
