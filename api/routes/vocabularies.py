"""POST and GET /vocabularies; GET and DELETE /vocabularies/{name}."""

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from api.contract.common import ErrorAnswer
from api.contract.lessons import lessons_of
from api.contract.render_vocabulary import built_in_entry, export, taught_entry
from api.contract.vocabularies import OwnVocabularyPath, VersionQuery, VocabularyPath, VocabularyRequest
from api.contract.vocabulary_answer import (
    ExportAnswer,
    RemovedVocabularyAnswer,
    TaughtAnswer,
    VocabulariesAnswer,
)
from api.http.metrics import Metrics
from api.http.replies import reply
from services.admission import Admission
from services.progress import Progress
from services.teaching.teach import TeachingService
from services.vocabularies.library import Vocabularies


def blueprint(
    service: TeachingService, vocabularies: Vocabularies, admission: Admission, metrics: Metrics
) -> APIBlueprint:
    """The routes over `service`, and over those of `vocabularies` that come with the service."""
    routes = APIBlueprint("vocabularies", __name__, abp_tags=[Tag(name="labels")])

    @routes.post(
        "/vocabularies",
        summary="Teach a vocabulary: names, words for them, photographs or regions that show them",
        description="Makes the next version of that name. Takes what GET /vocabularies/{name} exports.",
        responses={
            201: TaughtAnswer,
            **dict.fromkeys((400, 404, 409, 413, 415, 422, 500, 503), ErrorAnswer),
        },
    )
    def teach(body: VocabularyRequest) -> Response:
        progress = Progress()
        with admission.enter():
            taught = service.create(body.name, lessons_of(body), progress)
        metrics.worked(progress.timings_ms)
        entry = taught_entry(taught, service.versions(taught.name))
        return reply(TaughtAnswer(vocabulary=entry, timings_ms=progress.timings_ms), 201)

    @routes.get(
        "/vocabularies",
        summary="All vocabularies",
        responses={200: VocabulariesAnswer, **dict.fromkeys((500, 503), ErrorAnswer)},
    )
    def every() -> Response:
        entries = [built_in_entry(vocabularies.get(name)) for name in vocabularies.built_in]
        entries += [taught_entry(taught, service.versions(taught.name)) for taught in service.latest()]
        return reply(VocabulariesAnswer(vocabularies=entries))

    @routes.get(
        "/vocabularies/<name>",
        summary="Export a vocabulary with small pictures of its examples",
        responses={200: ExportAnswer, **dict.fromkeys((404, 422, 500, 503), ErrorAnswer)},
    )
    def one(path: VocabularyPath, query: VersionQuery) -> Response:
        taught, vocabulary = service.get(path.name, query.version)
        return reply(export(taught, vocabulary, service.pictures(vocabulary)))

    @routes.delete(
        "/vocabularies/<name>",
        summary="Delete a taught vocabulary, all versions",
        responses={200: RemovedVocabularyAnswer, **dict.fromkeys((404, 409, 500, 503), ErrorAnswer)},
    )
    def remove(path: OwnVocabularyPath) -> Response:
        service.remove(path.name)
        return reply(RemovedVocabularyAnswer(name=path.name))

    return routes
