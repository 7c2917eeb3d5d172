"""GET /labels."""

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, ConfigDict, Field

from api.contract.common import ErrorAnswer
from api.contract.segment_answer import LabelsAnswer
from api.http.replies import reply
from services.vocabularies.library import Vocabularies


class LabelsQuery(BaseModel):
    """Which vocabulary."""

    model_config = ConfigDict(extra="forbid")

    vocabulary: str | None = Field(None, description="Its name. Default: the default vocabulary.")
    lang: str | None = Field(
        None, max_length=20, description="Code of a language. Default: names as they are."
    )


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
        return reply(
            LabelsAnswer(
                vocabulary=shown.name,
                labels=[*shown.names],
                vocabularies=vocabularies.names,
                languages=vocabularies.languages.codes,
            )
        )

    return routes
