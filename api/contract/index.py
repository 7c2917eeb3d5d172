"""The bodies and the answers of /index."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.contract.common import (
    MAX_BATCH_IMAGES,
    MAX_INT32,
    Answer,
    ErrorBody,
    FileId,
    IntegralNumber,
    LabelTexts,
    ModelEntry,
    UnitFloat,
    VocabularyName,
)
from api.contract.segment import SegmentFields, segment_options
from api.contract.tasks import OfferPartial, TaskKind, TaskRun
from api.http.metrics import Metrics
from domain.errors import ModelUnavailable, ServiceError, StorageUnavailable
from domain.models import ModelInfo
from services.images.upload import ImageService
from services.masks.options import Deduplication
from services.progress import Progress
from services.search.index import IndexOptions, IndexService
from services.vocabularies.library import Vocabularies

MAX_INDEX_IMAGES = 100


class IndexFields(BaseModel):
    """Which regions are indexed, and how they are named; the members mean what they do in /segment."""

    model_config = ConfigDict(extra="forbid", strict=True)

    regions: bool = Field(True, description="Whether to index regions too, or the whole photograph only.")
    points_per_side: IntegralNumber = Field(
        16, ge=1, le=64, description="Points along each side of the grid."
    )
    adaptive: bool = Field(True, description="Whether points that good masks explain already are skipped.")
    max_masks: IntegralNumber | None = Field(
        None, ge=1, le=1000, description="At most this many regions. Default: 64."
    )
    quality_threshold: UnitFloat | None = Field(
        None, description="Least predicted IoU. Default: the segmenter's own."
    )
    stability_threshold: UnitFloat | None = Field(
        None, description="Least stability. Default: the segmenter's own."
    )
    min_area: IntegralNumber | None = Field(
        None, ge=0, le=MAX_INT32, description="Least area in pixels. Default: 0.05 % of the image."
    )
    max_area: IntegralNumber | None = Field(
        None, ge=1, le=MAX_INT32, description="Largest area in pixels. Default: 95 % of the image."
    )
    deduplication: Deduplication = Field("mask", description="How repeated masks are found.")
    labels: LabelTexts | None = Field(None, description="Names to choose from; repeated ones count once.")
    vocabulary: VocabularyName | None = Field(
        None, description="A vocabulary of GET /labels instead of `labels`."
    )
    lang: str | None = Field(None, max_length=20, description="Language of the names, e.g. `de`.")
    confidence_threshold: UnitFloat = Field(0.0, description="A best name below it becomes `unknown`.")

    @model_validator(mode="after")
    def _check_area_order(self) -> Self:
        if self.min_area is not None and self.max_area is not None and self.min_area > self.max_area:
            raise ValueError(
                f"expected `min_area` of at most `max_area`, got {self.min_area} and {self.max_area}"
            )
        return self


class IndexRequest(IndexFields):
    """Indexing of one photograph, or of a few."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"file_id": "0123456789abcdef0123456789abcdef"}]}
    )

    file_id: FileId | None = Field(None, description="From POST /upload.")
    file_ids: list[FileId] | None = Field(
        None,
        min_length=1,
        max_length=MAX_INDEX_IMAGES,
        description="Several instead; one that is wrong spoils no other.",
    )
    run_async: bool = Field(
        False,
        alias="async",
        description="true answers 202 at once with a job that does it; see /jobs. With `file_id` only.",
    )

    @model_validator(mode="after")
    def _check_exactly_one(self) -> Self:
        if (self.file_id is None) == (self.file_ids is None):
            raise ValueError("expected `file_id` or `file_ids`, and not both")
        if self.run_async and self.file_ids is not None:
            raise ValueError("expected `file_id` with `async`; POST /index/batch takes `file_ids`")
        return self


class IndexBatchRequest(IndexFields):
    """The same indexing of many photographs."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"file_ids": ["0123456789abcdef0123456789abcdef"]}]}
    )

    file_ids: list[FileId] = Field(
        min_length=1,
        max_length=MAX_BATCH_IMAGES,
        description="From POST /upload; one that is wrong spoils no other.",
    )


class IndexedImageEntry(BaseModel):
    """One photograph; `error` instead of `regions` where it is one of several and cannot be indexed."""

    file_id: str = Field(description="As sent.")
    regions: int | None = Field(None, ge=0, description="How many regions are in the index now.")
    error: ErrorBody | None = Field(None, description="Why it could not be indexed.")


class IndexAnswer(Answer):
    """What is in the index now, on the disk, of each photograph in the order sent."""

    indexed: list[IndexedImageEntry]


class IndexPath(BaseModel):
    """Which photograph."""

    file_id: str = Field(description="From POST /upload.")


class DeleteIndexAnswer(Answer):
    """What left the index."""

    file_id: str


class IndexCountsAnswer(Answer):
    """How much is indexed."""

    images: int = Field(ge=0, description="Photographs that can be found with the running model.")
    regions: int = Field(ge=0, description="Regions of those.")
    other_images: int = Field(
        ge=0, description="Photographs indexed with other models; they are found once they are indexed again."
    )


def index_task(
    images: ImageService, service: IndexService, vocabularies: Vocabularies, metrics: Metrics
) -> TaskKind:
    """Indexing by `service`, with names of `vocabularies`, counted by `metrics`."""

    def prepare(body: IndexRequest) -> TaskRun:
        options = index_options(body, vocabularies)
        file_ids = body.file_ids or [body.file_id or ""]

        def work(progress: Progress, _offer: OfferPartial) -> IndexAnswer:
            models: dict[str, ModelInfo] = {}

            def entry(file_id: str) -> IndexedImageEntry:
                try:
                    with progress.stage("load"):
                        photo = images.photo(file_id)
                    done = service.add(photo, options, progress)
                except (ModelUnavailable, StorageUnavailable):
                    raise
                except ServiceError as error:
                    if body.file_ids is None:
                        raise
                    return IndexedImageEntry(file_id=file_id, error=ErrorBody.of(error))
                models["labeller"] = done.labeller
                if done.segmenter is not None:
                    models["segmenter"] = done.segmenter
                return IndexedImageEntry(file_id=file_id, regions=done.regions)

            indexed = [entry(file_id) for file_id in file_ids]
            metrics.worked(progress.timings_ms, sum(entry.regions or 0 for entry in indexed))
            return IndexAnswer(
                indexed=indexed,
                models={job: ModelEntry.of(info) for job, info in models.items()},
                timings_ms=progress.timings_ms,
            )

        return work

    return TaskKind(
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
