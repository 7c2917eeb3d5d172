"""POST /segment and POST /segment/batch."""

from flask import Response

from api.contract.common import LangQuery
from api.contract.segment import SegmentAnswer, SegmentBatchRequest, SegmentRequest
from api.contract.segment_formats import DOCUMENT_SCHEMAS
from api.http.context import context
from api.http.openapi import describe_documents, describe_form, new_blueprint
from api.http.replies import batch_responses, run_task, submit_batch, task_responses

routes = new_blueprint(
    "segment", "regions", "Regions of an image: their masks, labels, depth, text and colours."
)


@routes.post(
    "/segment",
    summary="Find the regions of an image and label them",
    responses=task_responses(SegmentAnswer),
)
def segment(body: SegmentRequest, query: LangQuery) -> Response:
    """Answer with the segmentation, or with `async` queue a job for it."""
    return run_task(context().segment, body, query)


describe_documents(routes, "/segment", DOCUMENT_SCHEMAS)


describe_form(routes, "/segment", SegmentRequest)


@routes.post(
    "/segment/batch",
    summary="Segment many images as one job",
    responses=batch_responses(),
)
def segment_batch(body: SegmentBatchRequest) -> Response:
    """Queue one job for many images."""
    return submit_batch(context().segment, body)
