"""The work of POST /analyze: a valid body in, its answer out, for a request that waits and for a job."""

from api.job_kinds import JobKind, Offer, Work
from api.metrics import Metrics
from api.render import segment_answer
from api.render_scene import scene_answer
from api.schemas.scene_answer import SceneAnswer
from api.schemas.scene_request import SceneBatchRequest, SceneFields, SceneRequest
from api.segment_options import segment_options
from services.images import ImageService
from services.progress import Progress
from services.scene import SceneOptions, SceneService
from services.segment import SegmentResult
from services.text import TextOptions
from services.vocabularies import Vocabularies


def analysis(
    images: ImageService, service: SceneService, vocabularies: Vocabularies, metrics: Metrics
) -> JobKind:
    """Analyses by `service`, with names of `vocabularies`, counted by `metrics`."""

    def prepare(body: SceneRequest) -> Work:
        options = scene_options(body, vocabularies)

        def work(progress: Progress, offer: Offer) -> SceneAnswer:
            def found(masks: SegmentResult) -> None:
                offer(lambda: segment_answer(masks, body.masks))

            with progress.stage("load"):
                photo = images.photo(body.file_id)
            result = service.analyze(photo, options, progress, found)
            with progress.stage("answer"):
                answer = scene_answer(result, body.masks)
            answer.timings_ms = progress.timings_ms
            metrics.worked(progress.timings_ms, answer.mask_count, len(answer.lines or ()))
            return answer

        return work

    return JobKind(
        "analyze",
        "Find out everything about a photograph: regions, names, depth, text, colours",
        SceneRequest,
        SceneBatchRequest,
        SceneAnswer,
        prepare,
        images.photo,
    )


def scene_options(body: SceneFields, vocabularies: Vocabularies) -> SceneOptions:
    """The options that a valid body asks for.

    Raises:
        InvalidRequest: Its labels or its vocabulary cannot be used.
    """
    text = TextOptions(body.min_text_confidence) if body.text else None
    return SceneOptions(segment_options(body, vocabularies), body.depth, text, body.colors)
