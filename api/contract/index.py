"""POST /index and /index/batch, GET /index, DELETE /index/{file_id}: request, options, answer and task."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.contract.common import (
    EXAMPLE_FILE_ID,
    Answer,
    ErrorBody,
    FileId,
    ImageBatchRequest,
    LabelledAnswer,
    ModelEntry,
    VocabularyFields,
    answer_config,
    label_notes,
    label_options,
)
from api.contract.segment import MaskFields, grid_mask_options
from api.contract.tasks import PublishAnswer, Task, TaskMetrics
from domain.errors import ModelUnavailable, ServiceError, StorageUnavailable
from domain.index import IndexCounts
from domain.models import ModelInfo
from services.images.upload import ImageService
from services.progress import Progress
from services.search.index import IndexOptions, IndexService
from services.vocabularies.library import Vocabularies

MAX_INDEX_IMAGES = 100


class IndexFields(VocabularyFields, MaskFields):
    """The options of /index; those of masks and labels have the same meaning as in /segment."""

    regions: bool = Field(
        True, description="Index the regions too; with false, only the whole image is indexed."
    )


class IndexRequest(IndexFields):
    """A request to index one image, or a few."""

    model_config = ConfigDict(json_schema_extra={"example": {"file_id": EXAMPLE_FILE_ID}})

    file_id: FileId | None = Field(None, description="Id of the image, from POST /upload.")
    file_ids: list[FileId] | None = Field(
        None,
        min_length=1,
        max_length=MAX_INDEX_IMAGES,
        description="Ids of several images, instead of `file_id`. If one is invalid, only its entry fails.",
    )
    run_async: bool = Field(
        False,
        alias="async",
        description="Answer 202 at once with a job that does the work; see /jobs. It needs `file_id`.",
    )

    @model_validator(mode="after")
    def _check_exactly_one(self) -> Self:
        if (self.file_id is None) == (self.file_ids is None):
            got = "neither" if self.file_id is None else "both"
            raise ValueError(f"expected either `file_id` or `file_ids`, got {got}")
        if self.run_async and self.file_ids is not None:
            raise ValueError("expected `file_id` with `async`, got `file_ids`; POST /index/batch takes them")
        return self


class IndexBatchRequest(IndexFields, ImageBatchRequest):
    """A request to index many images with the same options."""


class IndexedImageEntry(BaseModel):
    """The result for one image. One of several that cannot be indexed has `error` instead of `regions`."""

    file_id: str = Field(description="Id as it was sent.")
    regions: int | None = Field(None, ge=0, description="Number of regions of the image in the index.")
    error: ErrorBody | None = Field(None, description="Reason why the image could not be indexed.")


class IndexAnswer(LabelledAnswer):
    """The images that are now in the index and safe on disk, in the order of the request."""

    model_config = answer_config({"indexed": [{"file_id": EXAMPLE_FILE_ID, "regions": 18}]})

    indexed: list[IndexedImageEntry] = Field(
        description="Results of the images, in the order of the request."
    )


class IndexPath(BaseModel):
    """The image to remove from the index."""

    file_id: str = Field(description="Id of the image, from POST /upload.")


class DeleteIndexAnswer(Answer):
    """The image that was removed from the index."""

    model_config = answer_config({"file_id": EXAMPLE_FILE_ID})

    file_id: str = Field(description="Id of the image.")


class IndexCountsAnswer(Answer):
    """The size of the index."""

    model_config = answer_config({"images": 12, "regions": 230, "other_images": 0})

    images: int = Field(ge=0, description="Number of images that the running model can find.")
    regions: int = Field(ge=0, description="Number of regions of these images.")
    other_images: int = Field(
        ge=0,
        description="Number of images indexed with other models; indexing them again makes them findable.",
    )


def index_counts_answer(counts: IndexCounts, labeller: ModelInfo) -> IndexCountsAnswer:
    """Return the answer of GET /index."""
    return IndexCountsAnswer(**vars(counts), models={"labeller": ModelEntry.of(labeller)})


class IndexTask(Task[IndexRequest, IndexOptions, IndexAnswer]):
    """The work of POST /index.

    Args:
        images: Stored images.
        metrics: Counts what was done.
        service: Puts images into the index.
        vocabularies: Labels of the regions.
    """

    name = "index"
    request_type = IndexRequest

    def __init__(
        self, images: ImageService, metrics: TaskMetrics, service: IndexService, vocabularies: Vocabularies
    ) -> None:
        self._images = images
        self._metrics = metrics
        self._service = service
        self._vocabularies = vocabularies

    def to_options(self, request: IndexFields) -> IndexOptions:
        """Resolve the options; the regions are those that /segment answers for the same members."""
        return to_options(request, self._vocabularies)

    def check(self, request: IndexRequest) -> None:
        """Refuse a missing image, then options that cannot be used."""
        self._images.photo(request.file_id or "")
        self.to_options(request)

    def run(
        self, request: IndexRequest, options: IndexOptions, progress: Progress, publish: PublishAnswer
    ) -> IndexAnswer:
        """Index the images one after the other; of several, an invalid one fails only its own entry."""
        models: dict[str, ModelInfo] = {}
        file_ids = request.file_ids or [request.file_id or ""]
        several = request.file_ids is not None
        indexed = [self._entry(file_id, options, progress, models, several) for file_id in file_ids]
        self._metrics.observe_task(progress.timings_ms, sum(entry.regions or 0 for entry in indexed))
        entries = {job: ModelEntry.of(info) for job, info in models.items()}
        notes = label_notes(options.labels.vocabulary)
        return IndexAnswer(indexed=indexed, models=entries, timings_ms=progress.timings_ms, **notes)

    def _entry(
        self,
        file_id: str,
        options: IndexOptions,
        progress: Progress,
        models: dict[str, ModelInfo],
        several: bool,
    ) -> IndexedImageEntry:
        """Index one image and note the models in `models`."""
        try:
            with progress.stage("load"):
                photo = self._images.photo(file_id)
            done = self._service.add(photo, options, progress)
        except (ModelUnavailable, StorageUnavailable):
            raise
        except ServiceError as error:
            if not several:
                raise
            return IndexedImageEntry(file_id=file_id, error=ErrorBody.of(error))
        models["labeller"] = done.labeller
        if done.segmenter is not None:
            models["segmenter"] = done.segmenter
        return IndexedImageEntry(file_id=file_id, regions=done.regions)


def to_options(request: IndexFields, vocabularies: Vocabularies) -> IndexOptions:
    """Return the options of a valid request.

    Raises:
        InvalidRequest: Its labels or its vocabulary cannot be used.
    """
    masks = grid_mask_options(request) if request.regions else None
    return IndexOptions(masks, label_options(request, vocabularies))
