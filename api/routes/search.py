"""GET /search."""

from flask import Response

from api.contract.search import SearchAnswer, SearchQuery, search_answer, to_options
from api.http.context import context
from api.http.openapi import new_blueprint
from api.http.replies import responses, timed_response
from services.progress import Progress

routes = new_blueprint("search", "search", "The search index: images and regions by text or by similarity.")


@routes.get(
    "/search",
    summary="Find indexed images, or regions of them, by text",
    responses=responses(SearchAnswer, 422, 500, 503),
)
def search(query: SearchQuery) -> Response:
    """Search by text. It takes milliseconds, so it does not queue behind segmentations."""
    progress, service = Progress(), context().search
    found = service.text(query.q, to_options(query), progress)
    return timed_response(search_answer(found, query.scope, service.labeller), progress)
