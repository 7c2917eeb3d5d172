"""GET /labels."""

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from api.contract.common import ErrorAnswer
from api.contract.labels import LabelsAnswer, LabelsQuery
from api.http.replies import json_response
from services.vocabularies.library import Vocabularies


def blueprint(vocabularies: Vocabularies) -> APIBlueprint:
    """The route over `vocabularies`."""
    routes = APIBlueprint("labels", __name__, abp_tags=[Tag(name="labels")])

    @routes.get(
        "/labels",
        summary="Names that regions can get",
        responses={200: LabelsAnswer, **dict.fromkeys((422, 500, 503), ErrorAnswer)},
    )
    def labels(query: LabelsQuery) -> Response:
        shown = vocabularies.resolve(None, query.vocabulary, query.lang)
        return json_response(
            LabelsAnswer(
                vocabulary=shown.name,
                labels=[*shown.names],
                vocabularies=vocabularies.names,
                languages=vocabularies.languages.codes,
            )
        )

    return routes
