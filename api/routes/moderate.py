"""POST /moderate and POST /moderate/batch."""

from flask import Response

from api.contract.common import LangQuery
from api.contract.moderate import ModerateAnswer, ModerateBatchRequest, ModerateRequest
from api.http.context import context
from api.http.openapi import describe_form, new_blueprint
from api.http.replies import batch_responses, run_task, submit_batch, task_responses

routes = new_blueprint("moderate", "images", "Whole images: upload, labels, captions, moderation.")


@routes.post(
    "/moderate",
    summary="Check an image against a policy",
    responses=task_responses(ModerateAnswer),
)
def moderate(body: ModerateRequest, query: LangQuery) -> Response:
    """Answer with the decision, or with `async` queue a job for it."""
    return run_task(context().moderate, body, query)


describe_form(routes, "/moderate", ModerateRequest)


@routes.post(
    "/moderate/batch",
    summary="Check many images as one job",
    responses=batch_responses(),
)
def moderate_batch(body: ModerateBatchRequest) -> Response:
    """Queue one job for many images."""
    return submit_batch(context().moderate, body)
