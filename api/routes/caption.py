"""POST /caption and POST /caption/batch."""

from flask import Response

from api.contract.caption import CaptionAnswer, CaptionBatchRequest, CaptionRequest
from api.contract.common import LangQuery
from api.http.context import context
from api.http.openapi import describe_form, new_blueprint
from api.http.replies import batch_responses, run_task, submit_batch, task_responses

routes = new_blueprint("caption", "images", "Whole images: upload, labels, captions, moderation.")


@routes.post(
    "/caption",
    summary="Describe an image in a sentence",
    responses=task_responses(CaptionAnswer),
)
def caption(body: CaptionRequest, query: LangQuery) -> Response:
    """Answer with the caption, or with `async` queue a job for it."""
    return run_task(context().caption, body, query)


describe_form(routes, "/caption", CaptionRequest)


@routes.post(
    "/caption/batch",
    summary="Caption many images as one job",
    responses=batch_responses(),
)
def caption_batch(body: CaptionBatchRequest) -> Response:
    """Queue one job for many images."""
    return submit_batch(context().caption, body)
