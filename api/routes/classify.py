"""POST /classify."""

from flask import Response

from api.contract.classify import ClassifyAnswer, ClassifyRequest, classify_images, to_options
from api.contract.common import LangQuery, apply_lang_query
from api.http.context import context
from api.http.images import request_images
from api.http.openapi import describe_form, new_blueprint
from api.http.replies import TASK_ERRORS, responses, timed_response
from services.progress import Progress

routes = new_blueprint("classify", "images", "Whole images: upload, labels, captions, moderation.")


@routes.post(
    "/classify",
    summary="Choose the label that fits a whole image",
    responses=responses(ClassifyAnswer, *TASK_ERRORS),
)
def classify(body: ClassifyRequest, query: LangQuery) -> Response:
    """Classify images; those of a form are stored only with `store`."""
    request, progress = apply_lang_query(body, query), Progress()
    options = to_options(request, context().vocabularies)
    with request_images(request, progress) as images, context().admission.enter():
        answer = classify_images(images, request, options, context().classifier, progress)
    return timed_response(answer, progress)


describe_form(routes, "/classify", ClassifyRequest)
