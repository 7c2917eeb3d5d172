"""The work of POST /segment: a valid body in, its answer out, for a request that waits and for a job."""

from api.contract.render import segment_answer
from api.contract.segment import SegmentBatchRequest, SegmentRequest
from api.contract.segment_answer import SegmentAnswer
from api.contract.segment_options import segment_options
from api.contract.tasks import JobKind, Offer, Work, on_photo
from api.http.metrics import Metrics
from services.images.photo import Photo
from services.images.upload import ImageService
from services.progress import Progress
from services.segment import SegmentResult, SegmentService
from services.vocabularies.library import Vocabularies


def segmentation(
    images: ImageService, service: SegmentService, vocabularies: Vocabularies, metrics: Metrics
) -> JobKind:
    """Segmentations by `service`, with names of `vocabularies`, counted by `metrics`."""

    def prepare(body: SegmentRequest) -> Work:
        options = segment_options(body, vocabularies)

        def answer(photo: Photo, progress: Progress, offer: Offer) -> SegmentAnswer:
            def found(masks: SegmentResult) -> None:
                offer(lambda: segment_answer(masks, body.masks))

            result = service.segment(photo, options, progress, found)
            with progress.stage("answer"):
                return segment_answer(result, body.masks)

        def note(done: SegmentAnswer) -> None:
            metrics.worked(done.timings_ms, done.mask_count)

        return on_photo(images, body.file_id, answer, note)

    def check(body: SegmentRequest) -> None:
        service.check(images.photo(body.file_id), segment_options(body, vocabularies))

    return JobKind(
        "segment",
        "Find and name the regions of a photograph",
        SegmentRequest,
        SegmentBatchRequest,
        SegmentAnswer,
        prepare,
        check,
    )
