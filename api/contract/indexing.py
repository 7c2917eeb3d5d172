"""The work of POST /index: a valid body in, its answer out, for a request that waits and for a job."""

from api.contract.common import ErrorBody, ModelEntry
from api.contract.index import IndexAnswer, IndexBatchRequest, IndexedEntry, IndexFields, IndexRequest
from api.contract.segment import SegmentFields
from api.contract.segment_options import segment_options
from api.contract.tasks import JobKind, Offer, Work
from api.http.metrics import Metrics
from domain.errors import ModelUnavailable, ServiceError, StorageUnavailable
from domain.models import ModelInfo
from services.images.upload import ImageService
from services.progress import Progress
from services.search.index import IndexOptions, IndexService
from services.vocabularies.library import Vocabularies


def indexing(
    images: ImageService, service: IndexService, vocabularies: Vocabularies, metrics: Metrics
) -> JobKind:
    """Indexing by `service`, with names of `vocabularies`, counted by `metrics`."""

    def prepare(body: IndexRequest) -> Work:
        options = index_options(body, vocabularies)
        file_ids = body.file_ids or [body.file_id or ""]

        def work(progress: Progress, _offer: Offer) -> IndexAnswer:
            models: dict[str, ModelInfo] = {}

            def entry(file_id: str) -> IndexedEntry:
                try:
                    with progress.stage("load"):
                        photo = images.photo(file_id)
                    done = service.add(photo, options, progress)
                except (ModelUnavailable, StorageUnavailable):
                    raise
                except ServiceError as error:
                    if body.file_ids is None:
                        raise
                    return IndexedEntry(file_id=file_id, error=ErrorBody.of(error))
                models["labeller"] = done.labeller
                if done.segmenter is not None:
                    models["segmenter"] = done.segmenter
                return IndexedEntry(file_id=file_id, regions=done.regions)

            indexed = [entry(file_id) for file_id in file_ids]
            metrics.worked(progress.timings_ms, sum(entry.regions or 0 for entry in indexed))
            return IndexAnswer(
                indexed=indexed,
                models={job: ModelEntry.of(info) for job, info in models.items()},
                timings_ms=progress.timings_ms,
            )

        return work

    return JobKind(
        "index",
        "Put a photograph and its regions into the search index",
        IndexRequest,
        IndexBatchRequest,
        IndexAnswer,
        prepare,
        lambda body: images.photo(body.file_id),
    )


def index_options(body: IndexFields, vocabularies: Vocabularies) -> IndexOptions:
    """The options that a valid body asks for; regions are those that /segment answers for the same members.

    Raises:
        InvalidRequest: Its labels or its vocabulary cannot be used.
    """
    shared = body.model_dump(include=set(SegmentFields.model_fields), exclude_unset=True)
    options = segment_options(SegmentFields.model_validate(shared), vocabularies)
    assert options.naming is not None
    return IndexOptions(options.masks if body.regions else None, options.naming)
