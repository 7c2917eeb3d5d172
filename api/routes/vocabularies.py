"""POST and GET /vocabularies; GET and DELETE /vocabularies/{name}."""

from flask import Response

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
    teach_answer,
    vocabulary_export_answer,
)
from api.http.context import context
from api.http.openapi import new_blueprint
from api.http.replies import json_response, responses, timed_response
from services.progress import Progress

routes = new_blueprint("vocabularies", "labels", "The labels that regions and images can get.")


@routes.post(
    "/vocabularies",
    summary="Teach a vocabulary: labels, words for them, and images or regions that show them",
    description="The request creates the next version of the name. An export of GET /vocabularies/{name} is "
    "a valid body.",
    responses=responses(TeachAnswer, 400, 404, 409, 413, 415, 422, 500, 503, status=201),
)
def create_vocabulary(body: VocabularyRequest) -> Response:
    """Store the labels and encode their examples."""
    progress, app = Progress(), context()
    with app.admission.enter():
        taught = app.teaching.create(body.name, taught_labels_of(body), progress, body.labels_lang)
    return timed_response(teach_answer(taught, app.teaching.versions(taught.name)), progress, 201)


@routes.get(
    "/vocabularies",
    summary="List all vocabularies",
    responses=responses(VocabulariesAnswer, 500, 503),
)
def list_vocabularies() -> Response:
    """List the built-in vocabularies first, then the taught ones."""
    vocabularies, teaching = context().vocabularies, context().teaching
    entries = [built_in_vocabulary_entry(vocabularies.get(name)) for name in vocabularies.built_in]
    entries += [
        taught_vocabulary_entry(taught, teaching.versions(taught.name)) for taught in teaching.latest()
    ]
    return json_response(VocabulariesAnswer(vocabularies=entries))


@routes.get(
    "/vocabularies/<name>",
    summary="Export a vocabulary with small images of its examples",
    responses=responses(VocabularyExportAnswer, 404, 422, 500, 503),
)
def get_vocabulary(path: VocabularyPath, query: VocabularyVersionQuery) -> Response:
    """Export a vocabulary with all its labels and examples."""
    teaching = context().teaching
    taught, vocabulary = teaching.get(path.name, query.version)
    return json_response(vocabulary_export_answer(taught, vocabulary, teaching.example_files(vocabulary)))


@routes.delete(
    "/vocabularies/<name>",
    summary="Delete a taught vocabulary with all its versions",
    responses=responses(DeleteVocabularyAnswer, 404, 409, 500, 503),
)
def delete_vocabulary(path: TaughtVocabularyPath) -> Response:
    """Delete a taught vocabulary; a built-in one is refused."""
    context().teaching.remove(path.name)
    return json_response(DeleteVocabularyAnswer(name=path.name))
