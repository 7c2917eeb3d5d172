"""POST /analyze and POST /analyze/batch."""

from flask import Response

from api.contract.analyze import AnalyzeAnswer, AnalyzeBatchRequest, AnalyzeRequest
from api.contract.common import LangQuery
from api.http.context import context
from api.http.openapi import describe_form, new_blueprint
from api.http.replies import batch_responses, run_task, submit_batch, task_responses

routes = new_blueprint(
    "analyze", "regions", "Regions of an image: their masks, labels, depth, text and colours."
)


@routes.post(
    "/analyze",
    summary="Find everything in an image: regions, labels, depth, text and colours",
    responses=task_responses(AnalyzeAnswer),
)
def analyze(body: AnalyzeRequest, query: LangQuery) -> Response:
    """Answer with the analysis, or with `async` queue a job for it."""
    return run_task(context().analyze, body, query)


describe_form(routes, "/analyze", AnalyzeRequest)


@routes.post(
    "/analyze/batch",
    summary="Analyze many images as one job",
    responses=batch_responses(),
)
def analyze_batch(body: AnalyzeBatchRequest) -> Response:
    """Queue one job for many images."""
    return submit_batch(context().analyze, body)
