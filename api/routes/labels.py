"""GET /labels."""

from flask import Response

from api.contract.labels import LabelsAnswer, LabelsQuery, labels_answer
from api.http.context import context
from api.http.openapi import new_blueprint
from api.http.replies import json_response, responses

routes = new_blueprint("labels", "labels", "The labels that regions and images can get.")


@routes.get(
    "/labels",
    summary="List the labels of a vocabulary",
    responses=responses(LabelsAnswer, 422, 500, 503),
)
def list_labels(query: LabelsQuery) -> Response:
    """List the labels of one vocabulary, the names of all vocabularies, and the languages."""
    return json_response(labels_answer(query, context().vocabularies))
