"""POST /rank: request and answer."""

from pydantic import BaseModel, ConfigDict, Field

from api.contract.common import (
    EXAMPLE_FILE_ID,
    Answer,
    ErrorBody,
    FileId,
    ModelEntry,
    answer_config,
    round_cosine,
)
from api.contract.search import SearchText
from domain.errors import NotFound
from services.images.upload import ImageService
from services.progress import Progress
from services.search.search import SearchService

MAX_RANK_IMAGES = 100


class RankRequest(BaseModel):
    """A request to order images by how well a text fits them."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"example": {"q": "red cup", "file_ids": [EXAMPLE_FILE_ID]}},
    )

    q: SearchText = Field(description="Text to compare the images with.")
    file_ids: list[FileId] = Field(
        min_length=1,
        max_length=MAX_RANK_IMAGES,
        description="Ids of images from POST /upload; they need not be indexed.",
    )


class RankEntry(BaseModel):
    """The result for one image. An image that cannot be used has `error` instead of `score`."""

    file_id: str = Field(description="Id as it was sent.")
    score: float | None = Field(None, ge=-1, le=1, description="Cosine of the image and the text.")
    error: ErrorBody | None = Field(None, description="Reason why the image cannot be ranked.")


class RankAnswer(Answer):
    """The images, best first; those that cannot be used come last."""

    model_config = answer_config({"results": [{"file_id": EXAMPLE_FILE_ID, "score": 0.3127}]})

    results: list[RankEntry] = Field(description="Results of the images, best first.")


def rank_images(
    request: RankRequest, images: ImageService, service: SearchService, progress: Progress
) -> RankAnswer:
    """Order the images by their cosine with the text; a missing one fails only its own entry.

    Raises:
        ModelUnavailable: There is no labeller.
    """
    entries = [_rank_entry(file_id, request.q, images, service, progress) for file_id in request.file_ids]
    entries.sort(key=lambda entry: 2.0 if entry.score is None else -entry.score)
    return RankAnswer(results=entries, models={"labeller": ModelEntry.of(service.labeller)})


def _rank_entry(
    file_id: str, text: str, images: ImageService, service: SearchService, progress: Progress
) -> RankEntry:
    try:
        with progress.stage("load"):
            photo = images.photo(file_id)
        return RankEntry(file_id=file_id, score=round_cosine(service.score(text, photo, progress)))
    except NotFound as error:
        return RankEntry(file_id=file_id, error=ErrorBody.of(error))
