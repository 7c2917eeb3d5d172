"""POST /index and POST /index/batch, GET /index and DELETE /index/{file_id}."""

from flask import Response

from api.contract.common import LangQuery
from api.contract.index import (
    DeleteIndexAnswer,
    IndexAnswer,
    IndexBatchRequest,
    IndexCountsAnswer,
    IndexPath,
    IndexRequest,
    index_counts_answer,
)
from api.http.context import context
from api.http.openapi import describe_form, new_blueprint
from api.http.replies import batch_responses, json_response, responses, run_task, submit_batch, task_responses

routes = new_blueprint("index", "search", "The search index: images and regions by text or by similarity.")


@routes.post(
    "/index",
    summary="Put an image and its regions into the search index",
    responses=task_responses(IndexAnswer),
)
def index(body: IndexRequest, query: LangQuery) -> Response:
    """Answer when the image is indexed, or with `async` queue a job for it."""
    return run_task(context().index, body, query)


describe_form(routes, "/index", IndexRequest)


@routes.post(
    "/index/batch",
    summary="Index many images as one job",
    responses=batch_responses(),
)
def index_batch(body: IndexBatchRequest) -> Response:
    """Queue one job for many images."""
    return submit_batch(context().index, body)


@routes.get(
    "/index",
    summary="Count the indexed images and regions",
    responses=responses(IndexCountsAnswer, 500, 503),
)
def get_index() -> Response:
    """Answer with the numbers of images and regions in the index."""
    return json_response(index_counts_answer(*context().search_index.counts()))


@routes.delete(
    "/index/<file_id>",
    summary="Remove an image from the index; the upload stays",
    responses=responses(DeleteIndexAnswer, 404, 500, 503),
)
def delete_index(path: IndexPath) -> Response:
    """Remove an image and its regions from the index."""
    context().search_index.remove(path.file_id)
    return json_response(DeleteIndexAnswer(file_id=path.file_id))
