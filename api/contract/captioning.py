"""The work of POST /caption: a valid body in, its answer out, for a request that waits and for a job."""

from api.contract.caption import (
    CandidateEntry,
    CaptionAnswer,
    CaptionBatchRequest,
    CaptionFields,
    CaptionRequest,
)
from api.contract.common import ModelEntry
from api.contract.render import DECIMALS
from api.contract.tasks import JobKind, Offer, Work, on_photo
from api.http.metrics import Metrics
from services.caption.result import CaptionOptions, CaptionResult, CaptionWriter
from services.images.photo import Photo
from services.images.upload import ImageService
from services.progress import Progress
from services.vocabularies.library import Vocabularies


def captioning(
    images: ImageService, writer: CaptionWriter, vocabularies: Vocabularies, metrics: Metrics
) -> JobKind:
    """Captions by `writer`, in words of `vocabularies`, counted by `metrics`."""

    def prepare(body: CaptionRequest) -> Work:
        options = caption_options(body, writer, vocabularies)

        def answer(photo: Photo, progress: Progress, _offer: Offer) -> CaptionAnswer:
            return caption_answer(writer.caption(photo, options, progress))

        return on_photo(images, body.file_id, answer, lambda done: metrics.worked(done.timings_ms))

    return JobKind(
        "caption",
        "Say in a sentence what a photograph shows",
        CaptionRequest,
        CaptionBatchRequest,
        CaptionAnswer,
        prepare,
        lambda body: images.photo(body.file_id),
    )


def caption_options(body: CaptionFields, writer: CaptionWriter, vocabularies: Vocabularies) -> CaptionOptions:
    """The options that a valid body asks for.

    Raises:
        InvalidRequest: Its labels or its vocabulary cannot be used, or mean nothing to this writer.
    """
    own = body.labels is not None or body.vocabulary is not None
    names = vocabularies.resolve(body.labels, body.vocabulary) if own else None
    options = CaptionOptions(names, body.text, body.candidates)
    writer.check(options)
    return options


def caption_answer(result: CaptionResult) -> CaptionAnswer:
    """The answer of /caption; the command line writes the same JSON."""
    entries = [
        CandidateEntry(
            caption=one.text, confidence=round(one.confidence, DECIMALS), score=round(one.score, DECIMALS)
        )
        for one in result.candidates
    ]
    models = {job: ModelEntry.of(info) for job, info in result.models.items()}
    models |= {job: ModelEntry(error=reason) for job, reason in result.errors.items()}
    return CaptionAnswer(
        caption=entries[0].caption,
        confidence=entries[0].confidence,
        method=result.method,
        candidates=entries,
        models=models,
    )
