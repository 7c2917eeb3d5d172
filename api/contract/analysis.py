"""The work of POST /analyze: a valid body in, its answer out, for a request that waits and for a job."""

from api.contract.analyze import SceneAnswer
from api.contract.render import segment_answer
from api.contract.render_scene import scene_answer
from api.contract.scene_request import SceneBatchRequest, SceneFields, SceneRequest
from api.contract.segment_options import segment_options
from api.contract.tasks import JobKind, Offer, Work, on_photo
from api.http.metrics import Metrics
from services.analyze.service import SceneOptions, SceneService
from services.images.photo import Photo
from services.images.upload import ImageService
from services.progress import Progress
from services.segment import SegmentResult
from services.text.service import TextOptions
from services.vocabularies.library import Vocabularies


def analysis(
    images: ImageService, service: SceneService, vocabularies: Vocabularies, metrics: Metrics
) -> JobKind:
    """Analyses by `service`, with names of `vocabularies`, counted by `metrics`."""

    def prepare(body: SceneRequest) -> Work:
        options = scene_options(body, vocabularies)

        def answer(photo: Photo, progress: Progress, offer: Offer) -> SceneAnswer:
            def found(masks: SegmentResult) -> None:
                offer(lambda: segment_answer(masks, body.masks))

            result = service.analyze(photo, options, progress, found)
            with progress.stage("answer"):
                return scene_answer(result, body.masks)

        def note(done: SceneAnswer) -> None:
            metrics.worked(done.timings_ms, done.mask_count, len(done.lines or ()))

        return on_photo(images, body.file_id, answer, note)

    def check(body: SceneRequest) -> None:
        service.check(images.photo(body.file_id), segment_options(body, vocabularies))

    return JobKind(
        "analyze",
        "Find out everything about a photograph: regions, names, depth, text, colours",
        SceneRequest,
        SceneBatchRequest,
        SceneAnswer,
        prepare,
        check,
    )


def scene_options(body: SceneFields, vocabularies: Vocabularies) -> SceneOptions:
    """The options that a valid body asks for.

    Raises:
        InvalidRequest: Its labels or its vocabulary cannot be used.
    """
    text = TextOptions(body.min_text_confidence) if body.text else None
    return SceneOptions(segment_options(body, vocabularies), body.depth, text, body.colors)
