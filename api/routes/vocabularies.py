"""POST and GET /vocabularies; GET and DELETE /vocabularies/{name}."""

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from api.contract.common import ErrorAnswer
from api.contract.vocabularies import (
    DeleteVocabularyAnswer,
    TaughtVocabularyPath,
    TeachAnswer,
    VocabulariesAnswer,
    VocabularyExportAnswer,
    VocabularyPath,
    VocabularyRequest,
    VocabularyVersionQuery,
    built_in_vocabulary_entry,
    taught_labels_of,
    taught_vocabulary_entry,
    vocabulary_export_answer,
)
from api.http.metrics import Metrics
from api.http.replies import json_response
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
            201: TeachAnswer,
            **dict.fromkeys((400, 404, 409, 413, 415, 422, 500, 503), ErrorAnswer),
        },
    )
    def teach(body: VocabularyRequest) -> Response:
        progress = Progress()
        with admission.enter():
            taught = service.create(body.name, taught_labels_of(body), progress)
        metrics.worked(progress.timings_ms)
        entry = taught_vocabulary_entry(taught, service.versions(taught.name))
        return json_response(TeachAnswer(vocabulary=entry, timings_ms=progress.timings_ms), 201)

    @routes.get(
        "/vocabularies",
        summary="All vocabularies",
        responses={200: VocabulariesAnswer, **dict.fromkeys((500, 503), ErrorAnswer)},
    )
    def every() -> Response:
        entries = [built_in_vocabulary_entry(vocabularies.get(name)) for name in vocabularies.built_in]
        entries += [
            taught_vocabulary_entry(taught, service.versions(taught.name)) for taught in service.latest()
        ]
        return json_response(VocabulariesAnswer(vocabularies=entries))

    @routes.get(
        "/vocabularies/<name>",
        summary="Export a vocabulary with small pictures of its examples",
        responses={200: VocabularyExportAnswer, **dict.fromkeys((404, 422, 500, 503), ErrorAnswer)},
    )
    def one(path: VocabularyPath, query: VocabularyVersionQuery) -> Response:
        taught, vocabulary = service.get(path.name, query.version)
        return json_response(vocabulary_export_answer(taught, vocabulary, service.pictures(vocabulary)))

    @routes.delete(
        "/vocabularies/<name>",
        summary="Delete a taught vocabulary, all versions",
        responses={200: DeleteVocabularyAnswer, **dict.fromkeys((404, 409, 500, 503), ErrorAnswer)},
    )
    def remove(path: TaughtVocabularyPath) -> Response:
        service.remove(path.name)
        return json_response(DeleteVocabularyAnswer(name=path.name))

    return routes
