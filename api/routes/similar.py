"""POST /similar."""

from flask import Response

from api.contract.search import SearchAnswer, search_answer
from api.contract.similar import SimilarRequest, to_options, to_region
from api.http.context import context
from api.http.images import request_images
from api.http.openapi import describe_form, new_blueprint
from api.http.replies import TASK_ERRORS, name_stored, responses, timed_response
from services.progress import Progress

routes = new_blueprint("similar", "search", "The search index: images and regions by text or by similarity.")


@routes.post(
    "/similar",
    summary="Find indexed images, or regions, that resemble an image or a region of it",
    responses=responses(SearchAnswer, *TASK_ERRORS),
)
def similar(body: SimilarRequest) -> Response:
    """Search by an image or by a region of it; an image of a form is stored only with `store`."""
    region, progress, app = to_region(body), Progress(), context()
    options = to_options(body, region)
    with request_images(body, progress) as images, app.admission.enter():
        with progress.stage("load"):
            photo = images[0].open()
        found = app.search.similar(photo, region, options, progress)
        answer = name_stored(search_answer(found, options.scope, app.search.labeller), images)
    return timed_response(answer, progress)


describe_form(routes, "/similar", SimilarRequest)
