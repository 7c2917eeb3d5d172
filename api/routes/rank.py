"""POST /rank."""

from flask import Response

from api.contract.rank import RankAnswer, RankRequest, rank_images
from api.http.context import context
from api.http.openapi import new_blueprint
from api.http.replies import responses, timed_response
from services.progress import Progress

routes = new_blueprint("rank", "search", "The search index: images and regions by text or by similarity.")


@routes.post(
    "/rank",
    summary="Order images by how well a text fits them",
    responses=responses(RankAnswer, 400, 404, 413, 415, 422, 500, 503),
)
def rank(body: RankRequest) -> Response:
    """Rank stored images; they need not be indexed."""
    progress, app = Progress(), context()
    with app.admission.enter():
        answer = rank_images(body, app.images, app.search, progress)
    return timed_response(answer, progress)
