"""The work of POST /segment: a valid body in, its answer out, for a request that waits and for a job."""

from api.job_kinds import JobKind, Offer, Work
from api.metrics import Metrics
from api.render import segment_answer
from api.schemas.segment_answer import SegmentAnswer
from api.schemas.segment_request import SegmentBatchRequest, SegmentRequest
from api.segment_options import segment_options
from services.images import ImageService
from services.progress import Progress
from services.segment import SegmentResult, SegmentService
from services.vocabularies import Vocabularies


def segmentation(
    images: ImageService, service: SegmentService, vocabularies: Vocabularies, metrics: Metrics
) -> JobKind:
    """Segmentations by `service`, with names of `vocabularies`, counted by `metrics`."""

    def prepare(body: SegmentRequest) -> Work:
        options = segment_options(body, vocabularies)

        def work(progress: Progress, offer: Offer) -> SegmentAnswer:
            def found(masks: SegmentResult) -> None:
                offer(lambda: segment_answer(masks, body.masks))

            with progress.stage("load"):
                photo = images.photo(body.file_id)
            result = service.segment(photo, options, progress, found)
            with progress.stage("answer"):
                answer = segment_answer(result, body.masks)
            answer.timings_ms = progress.timings_ms
            metrics.worked(progress.timings_ms, answer.mask_count)
            return answer

        return work

    return JobKind(
        "segment",
        "Find and name the regions of a photograph",
        SegmentRequest,
        SegmentBatchRequest,
        SegmentAnswer,
        prepare,
        images.photo,
    )
