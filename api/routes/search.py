"""GET /search, POST /similar, POST /rank; GET /index and DELETE /index/{file_id}."""

from flask import Response, request
from flask_openapi3 import APIBlueprint, Tag
from pydantic import ValidationError

from api.contract.common import ErrorAnswer, ErrorBody, ModelEntry, points_box_prompt, round_cosine
from api.contract.index import DeleteIndexAnswer, IndexCountsAnswer, IndexPath
from api.contract.rank import RankAnswer, RankEntry, RankRequest
from api.contract.search import SearchAnswer, SearchQuery, search_answer
from api.contract.similar import SimilarFields, SimilarRequest
from api.contract.validation import raise_invalid_request
from api.http.images import RequestImage, form_images, stored_images
from api.http.metrics import Metrics
from api.http.replies import json_response
from domain.errors import NotFound
from domain.masks import Prompt
from services.admission import Admission
from services.images.upload import ImageService
from services.progress import Progress
from services.search.index import IndexService
from services.search.search import SearchOptions, SearchService

ERROR_STATUSES = (400, 404, 413, 415, 422, 500, 503)


def blueprint(
    images: ImageService,
    service: SearchService,
    index: IndexService,
    admission: Admission,
    metrics: Metrics,
) -> APIBlueprint:
    """The routes over `service` and `index`, for photographs of `images` and those in the request."""
    routes = APIBlueprint("search", __name__, abp_tags=[Tag(name="search")])

    @routes.get(
        "/search",
        summary="Find indexed photographs, or regions of them, by text",
        responses={200: SearchAnswer, **dict.fromkeys((422, 500, 503), ErrorAnswer)},
    )
    def search(query: SearchQuery) -> Response:
        # Milliseconds: it does not wait behind segmentations.
        progress = Progress()
        options = SearchOptions(query.scope, query.limit, query.group)
        answer = search_answer(service.text(query.q, options, progress), query.scope, service.labeller)
        return timed_response(answer, progress, metrics)

    @routes.post(
        "/similar",
        summary="Find indexed photographs, or regions, that look like one",
        description="Takes JSON with `file_id`, or a multipart form with an image file.",
        responses={200: SearchAnswer, **dict.fromkeys(ERROR_STATUSES, ErrorAnswer)},
    )
    def similar() -> Response:
        fields, source, region = _parse_similar(images)
        scope = fields.scope or ("image" if region is None else "region")
        progress, options = Progress(), SearchOptions(scope, fields.limit, fields.group)
        with admission.enter():
            with progress.stage("load"):
                photo = source.open()
            found = service.similar(photo, region, options, progress)
        return timed_response(search_answer(found, scope, service.labeller), progress, metrics)

    @routes.post(
        "/rank",
        summary="Put photographs in order by how well a text fits them",
        responses={200: RankAnswer, **dict.fromkeys(ERROR_STATUSES, ErrorAnswer)},
    )
    def rank(body: RankRequest) -> Response:
        progress = Progress()

        def entry(file_id: str) -> RankEntry:
            try:
                with progress.stage("load"):
                    photo = images.photo(file_id)
                return RankEntry(file_id=file_id, score=round_cosine(service.score(body.q, photo, progress)))
            except NotFound as error:
                return RankEntry(file_id=file_id, error=ErrorBody.of(error))

        with admission.enter():
            entries = [entry(file_id) for file_id in body.file_ids]
        entries.sort(key=lambda entry: 2.0 if entry.score is None else -entry.score)
        models = {"labeller": ModelEntry.of(service.labeller)}
        return timed_response(RankAnswer(results=entries, models=models), progress, metrics)

    @routes.get(
        "/index",
        summary="How much is indexed",
        responses={200: IndexCountsAnswer, **dict.fromkeys((500, 503), ErrorAnswer)},
    )
    def counts() -> Response:
        found, labeller = index.counts()
        models = {"labeller": ModelEntry.of(labeller)}
        return json_response(IndexCountsAnswer(**vars(found), models=models))

    @routes.delete(
        "/index/<file_id>",
        summary="Take a photograph out of the index; it stays uploaded",
        responses={200: DeleteIndexAnswer, **dict.fromkeys((404, 500, 503), ErrorAnswer)},
    )
    def remove(path: IndexPath) -> Response:
        index.remove(path.file_id)
        return json_response(DeleteIndexAnswer(file_id=path.file_id))

    return routes


def timed_response(answer: SearchAnswer | RankAnswer, progress: Progress, metrics: Metrics) -> Response:
    """Return the answer with its timings, which are counted as well."""
    answer.timings_ms = progress.timings_ms
    metrics.worked(progress.timings_ms)
    return json_response(answer)


def _parse_similar(images: ImageService) -> tuple[SimilarFields, RequestImage, Prompt | int | None]:
    """The options, the photograph, and the region of it that the request is about.

    Raises:
        InvalidRequest: A value cannot be used.
        MalformedRequest: Neither a JSON object nor a form with an image.
    """
    try:
        if request.mimetype == "multipart/form-data":
            fields = SimilarFields.model_validate(request.form.to_dict())
            return fields, form_images(images, 1)[0], None
        body = SimilarRequest.model_validate(request.get_json())
    except ValidationError as error:
        raise_invalid_request(error)
    (source,) = stored_images(images, [body.file_id])
    if body.points is None and body.box is None:
        return body, source, body.mask_index
    return body, source, points_box_prompt(body.points or [], body.box)
