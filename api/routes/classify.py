"""POST /classify."""

from flask import Response, request
from flask_openapi3 import APIBlueprint, Tag
from pydantic import ValidationError

from api.contract.classify import MOST_IMAGES, ClassifyFields, ClassifyRequest
from api.contract.classify_answer import ClassifyAnswer, ClassifyEntry, QualitySchema
from api.contract.common import ErrorAnswer, ErrorBody, ModelEntry
from api.contract.lang_query import LangQuery, with_lang
from api.contract.render import DECIMALS, score_answer
from api.contract.validation import raise_invalid
from api.http.images import Source, sent, uploaded
from api.http.metrics import Metrics
from api.http.replies import reply
from domain.errors import ModelUnavailable, ServiceError
from services.admission import Admission
from services.classify.service import Classification, ZeroShotClassifier
from services.images.png import data_url
from services.images.upload import ImageService
from services.labels.confidence import NamingOptions
from services.progress import Progress
from services.vocabularies.library import Vocabularies


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
        fields, sources = _asked(images)
        fields = with_lang(fields, query)
        vocabulary = vocabularies.resolve(fields.labels, fields.vocabulary, fields.lang)
        options = NamingOptions(vocabulary, None, fields.top_k, fields.confidence_threshold)
        progress = Progress()

        def entry(source: Source) -> ClassifyEntry:
            try:
                with progress.stage("load"):
                    photo = source.open()
                seen = classifier.look(photo, vocabulary, fields.robust, progress)
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
                return _entry(source, classifier.classification(seen, options, fields.plot))

        with admission.enter():
            results = [entry(source) for source in sources]
        models = {"labeller": ModelEntry.of(classifier.labeller)}
        metrics.worked(progress.timings_ms)
        return reply(ClassifyAnswer(results=results, models=models, timings_ms=progress.timings_ms))

    return routes


def _entry(source: Source, found: Classification) -> ClassifyEntry:
    return ClassifyEntry(
        **source.named,
        label=found.label,
        confidence=round(found.confidence, DECIMALS),
        alternatives=[score_answer(score) for score in found.scores],
        unknown=round(found.unknown, DECIMALS),
        **({} if found.plot is None else {"plot": data_url(found.plot)}),
        **({} if found.quality is None else {"quality": QualitySchema.of(found.quality)}),
    )


def _asked(images: ImageService) -> tuple[ClassifyFields, list[Source]]:
    """The options and the photographs of the request.

    Raises:
        InvalidRequest: A value cannot be used.
        MalformedRequest: Neither a JSON object nor a form with images.
    """
    try:
        if request.mimetype == "multipart/form-data":
            return ClassifyFields.model_validate(_form_fields(), strict=False), sent(images, MOST_IMAGES)
        body = ClassifyRequest.model_validate(request.get_json())
    except ValidationError as error:
        raise_invalid(error)
    return body, uploaded(images, body.file_ids or [body.file_id or ""])


def _form_fields() -> dict[str, object]:
    """The text fields; `labels` may be repeated, and each may hold several names with commas between them."""
    fields: dict[str, object] = {name: values[-1] for name, values in request.form.lists()}
    names = [part.strip() for text in request.form.getlist("labels") for part in text.split(",")]
    return {**fields, "labels": [name for name in names if name]} if "labels" in fields else fields
